//! Seals the public traits that only this crate implements, so that they can get methods without breaking a program.

/// Implemented for each type that implements the trait which `Trait` stands for.
pub trait Sealed<Trait> {}

/// Stands for `FromDocument`.
#[derive(Debug)]
pub enum FromDocument {}

/// Stands for `HasId` and `HasName`.
#[derive(Debug)]
pub enum HasKey {}

/// Stands for `HasState`.
#[derive(Debug)]
pub enum HasState {}

/// Stands for `FromServer`.
#[derive(Debug)]
pub enum FromServer {}

/// Stands for `FlexForm`.
#[derive(Debug)]
pub enum FlexForm {}

/// Stands for `IntoId<T>`.
#[derive(Debug)]
pub struct IntoId<T>(std::marker::PhantomData<T>);
