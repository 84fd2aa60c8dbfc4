//! Roteiro.
