//! Tests of the file from inside.
