package blueprint

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxProblems is how many problems are kept: past that a file is not a blueprint with mistakes.
const maxProblems = 1000

// Problem is one mistake in a blueprint.
type Problem struct {
	Pos        Pos
	Message    string // what is wrong, for people
	Suggestion string // what to do, "" where nothing is known: `did you mean "columns"?`

	// What it is about, where that is known: for callers that can change the blueprint themselves.
	Table, Column string
	// HasMost says that it is a matter of capacity: at most Most rows of Table fit, or of its part Part where
	// that is not "". More must be made possible otherwise.
	HasMost bool
	Most    int64
	Part    string
	Cause   *Cause // nil where nothing more is known
}

// CausedBy tells whether a problem has a cause of some kind.
func (p *Problem) CausedBy(k CauseKind) bool { return p.Cause != nil && p.Cause.Kind == k }

// Error gives the problem in one line: "file:line:column: text: suggestion".
func (p Problem) Error() string {
	var b strings.Builder
	if at := p.Pos.String(); at != "" {
		b.WriteString(at)
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	if p.Suggestion != "" {
		b.WriteString(": ")
		b.WriteString(p.Suggestion)
	}
	return b.String()
}

// Problems are all mistakes of a blueprint, sorted by position. It is an error when it is not empty.
type Problems []Problem

// Error gives one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err gives the problems as an error, sorted and each once; nil where there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	more := "at least "
	if !ps.full() {
		more = ""
	}
	ps = slices.Clone(ps)
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	ps = slices.CompactFunc(ps, func(a, b Problem) bool {
		a.Cause, b.Cause = nil, nil
		return a == b
	})
	if n := len(ps) - maxProblems; n > 0 {
		ps = append(ps[:maxProblems:maxProblems], Problem{Message: fmt.Sprintf("and %s%d more problems", more, n)})
	}
	return ps
}

// full says that further problems need not be collected: Err leaves them out.
func (ps *Problems) full() bool { return len(*ps) > 4*maxProblems }

// add appends a problem; text is a format.
func (ps *Problems) add(at Pos, suggestion, format string, args ...any) {
	if ps.full() {
		return
	}
	*ps = append(*ps, Problem{Pos: at, Message: fmt.Sprintf(format, args...), Suggestion: suggestion})
}

// String gives "file:line:column", without the parts that are not known.
func (p Pos) String() string {
	if p.File == "" && p.Line == 0 {
		return ""
	}
	var parts []string
	if p.File != "" {
		parts = append(parts, p.File)
	}
	if p.Line > 0 {
		parts = append(parts, strconv.Itoa(p.Line))
		if p.Column > 0 {
			parts = append(parts, strconv.Itoa(p.Column))
		}
	}
	return strings.Join(parts, ":")
}
