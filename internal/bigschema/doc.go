// Package bigschema writes schemas that are large in one way each: many tables, many columns, many triggers, long
// checks, many attributes. Tests and benchmarks fill them, and look at what that costs as they grow.
package bigschema
