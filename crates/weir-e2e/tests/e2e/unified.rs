//! The unified endpoints: any client's dialect over any provider.

mod matrix;
mod rig;
