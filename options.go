package sower

import (
	"strconv"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/run"
)

// Option is what Plan, Rows, Fill, Verify and Clean are asked for. Those that decide rows are to be the same in all of
// them; where nothing is said, every table gets 100 rows by seed 1.
type Option func(*asking)

// Rows is the number of rows of each table whose rows are inferred.
func Rows(n int64) Option {
	return func(a *asking) { a.Wanted.Rows = append(a.Wanted.Rows, strconv.FormatInt(n, 10)) }
}

// TableRows is the number of rows of one table.
func TableRows(table string, n int64) Option {
	return func(a *asking) { a.Wanted.Rows = append(a.Wanted.Rows, table+"="+strconv.FormatInt(n, 10)) }
}

// RowsByRole gives lookup tables 10 rows, join tables 300 and others 100.
func RowsByRole() Option { return func(a *asking) { a.Wanted.Rows = append(a.Wanted.Rows, "auto") } }

// TotalRows is the number of rows of all tables together, more for children than for parents.
func TotalRows(n int64) Option { return func(a *asking) { a.Total = &n } }

// Include fills the tables that a glob names, and the parents that they need.
func Include(glob string) Option {
	return func(a *asking) { a.Wanted.Include = append(a.Wanted.Include, glob) }
}

// Exclude leaves the tables alone that a glob names.
func Exclude(glob string) Option {
	return func(a *asking) { a.Wanted.Exclude = append(a.Wanted.Exclude, glob) }
}

// Seed gives other rows.
func Seed(n uint64) Option { return func(a *asking) { a.Seed, a.SeedGiven = n, true } }

// Locale is that of names and addresses: en_US, de_DE, fr_FR, es_ES or ja_JP.
func Locale(name string) Option { return func(a *asking) { a.Wanted.Locale = name } }

// WithoutMeaning fills each column by itself, rather than by what columns mean together.
func WithoutMeaning() Option { return func(a *asking) { a.Meaning = "off" } }

// Blueprint makes the rows of a blueprint; what it leaves open is inferred.
func Blueprint(b *blueprint.Blueprint) Option { return func(a *asking) { a.Blueprint = b } }

// SkipUnsatisfiable makes it no error that tables are left out which nothing satisfies.
func SkipUnsatisfiable() Option { return func(a *asking) { a.Skip = true } }

// Strict makes it an error, and fills nothing.
func Strict() Option { return func(a *asking) { a.Wanted.Strict = true } }

// Append adds a further run beside those that are recorded, and is about the last such run in Verify and Clean.
func Append() Option { return func(a *asking) { a.run.Append = true } }

// Fresh makes Fill undo all recorded runs first, once the new one is known to be possible: it deletes the rows that they
// made and nobody changed since.
func Fresh() Option { return func(a *asking) { a.fresh = true } }

// Workers is the number of batches made at once, each on a connection of its own; 0: one for each processor.
func Workers(n int) Option { return func(a *asking) { a.run.Workers = n } }

// Progress is called for every batch, from one goroutine at a time.
func Progress(f func(run.Event)) Option { return func(a *asking) { a.run.Progress = f } }
