//! The middle of a few measurements.

/// The median; of an even number the mean of the middle two. `None` of nothing.
pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied()?;
    let lower = values.get((values.len() - 1) / 2).copied()?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_in_the_middle() {
        assert_eq!(super::of([]), None);
        assert_eq!(super::of([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(super::of([4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
