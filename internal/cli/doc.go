// Package cli is the command line: one file a command, ui.go for everything that a terminal shows.
//
// It is the only package that links database drivers (database.go). What a command needs is settled
// before it begins: args.go finds the blueprint, so that its parameters are flags; settings.go gathers
// their values by precedence; guard.go decides which databases may be written.
package cli
