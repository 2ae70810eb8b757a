use proptest::prelude::*;

use super::{Direction, MOST};

fn exact(one: &[f32], other: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
}

#[test]
fn what_points_nowhere_has_no_direction() {
    for vector in [vec![], vec![0.0; 4], vec![1.0, f32::NAN], vec![f32::INFINITY, 1.0]] {
        assert_eq!(Direction::of(&vector), None, "{vector:?}");
    }
    assert!(Direction::of(&vec![1.0; MOST]).is_some());
    assert_eq!(Direction::of(&vec![1.0; MOST + 1]), None);
}

#[test]
fn sums_do_not_overflow() {
    let (one, other) = (vec![1.0; MOST], vec![-1.0; MOST]);
    let (one, other) = (Direction::of(&one).unwrap(), Direction::of(&other).unwrap());
    assert_eq!(one.cosine(&one), Some(1.0));
    assert_eq!(one.cosine(&other), Some(-1.0));
}

#[test]
fn other_models_vectors_are_not_compared() {
    let one = Direction::of(&[1.0, 0.0]).unwrap();
    assert_eq!(one.cosine(&Direction::of(&[1.0, 0.0, 0.0]).unwrap()), None);
    assert_eq!(one.cosine(&Direction::of(&[0.0, 3.0]).unwrap()), Some(0.0));
}

proptest! {
    #[test]
    fn rounding_moves_a_cosine_little(
        pairs in proptest::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 16..600),
        near in 0.0_f32..1.0,
        length in 0.001_f32..1000.0,
    ) {
        let one: Vec<f32> = pairs.iter().map(|(a, _)| *a).collect();
        let other: Vec<f32> =
            pairs.iter().map(|(a, b)| (a * near + b * (1.0 - near)) * length).collect();
        let (Some(first), Some(second)) = (Direction::of(&one), Direction::of(&other)) else {
            return Ok(());
        };
        let got = first.cosine(&second).unwrap();
        prop_assert!((f64::from(got) - exact(&one, &other)).abs() < 0.01, "{}", got);
        prop_assert_eq!(first.cosine(&first), Some(1.0));
        prop_assert_eq!(second.cosine(&first), Some(got));
    }
}
