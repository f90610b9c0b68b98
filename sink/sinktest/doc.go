// Package sinktest is the conformance suite of sinks: Exercise says what every taker of rows must do,
// whether it is a database, a file, or nobody.
//
// A sink's own test makes a Factory and calls Exercise. What a sink cannot do it says by leaving a
// field of the Factory out (a sink that keeps nothing cannot be read); everything else is required, and
// nothing is skipped silently: the subtests that do not apply do not exist.
package sinktest
