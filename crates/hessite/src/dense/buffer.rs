//! stub
#[derive(Default, Clone, Debug)]
pub(crate) struct Buffer(Vec<f64>);
impl Buffer {
    pub fn with_len(n: usize) -> Self {
        Buffer(vec![0.0; n])
    }
    pub fn resize(&mut self, n: usize) {
        self.0.resize(n, 0.0)
    }
}
impl std::ops::Deref for Buffer {
    type Target = [f64];
    fn deref(&self) -> &[f64] {
        &self.0
    }
}
impl std::ops::DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.0
    }
}
