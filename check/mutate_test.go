package check

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sowerdata/sower/sqlexpr"
)

// Whatever stands in a catalog: what is read is printed as something that is read as the same, and nothing makes the
// package panic or run for long, be it compiled, evaluated or taken apart. The expressions are those of the
// comparisons with the servers, with parts left out, changed for others and put into one another.
func TestMutated(t *testing.T) {
	tb := solveTable()
	r := rand.New(rand.NewPCG(5, 6))
	parsed, compiled := 0, 0
	for range 20_000 {
		sqlite := r.IntN(3) == 0
		seeds := differExpressions
		if sqlite {
			seeds = sqliteExpressions
		}
		src := mutated(r, seeds, tb.Columns[r.IntN(len(tb.Columns))].Name, sqlite)
		started := time.Now()
		e, err := Parse(src, sqlite)
		if err != nil {
			continue
		}
		parsed++
		if again, err := Parse(e.String(), sqlite); err != nil || again.String() != e.String() {
			t.Errorf("%q is read as %s, and that as %v (%v)", src, e, again, err)
		}
		o := Options{SQLite: sqlite, Functions: differBodies, Now: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)}
		if _, err := Solve(solveTable(src), nil, 8, o); err != nil {
			continue
		}
		p, err := Compile(tb, src, "", o)
		if err != nil {
			continue
		}
		compiled++
		if len(p.Columns) == 1 {
			s := newSolver(tb, o)
			for _, v := range []string{"0", "abc", "true", "2020-01-01", `{"a": 1}`} {
				_, _ = s.evalCell(p, p.Columns[0], &v)
			}
			_, _ = s.evalCell(p, p.Columns[0], nil)
		}
		if d := time.Since(started); d > 10*time.Second {
			t.Errorf("%q took %v", src, d)
		}
	}
	if parsed < 3000 || compiled < 500 {
		t.Errorf("only %d expressions were read, %d compiled", parsed, compiled)
	}
}

func mutated(r *rand.Rand, seeds []string, column string, sqlite bool) string {
	seed := seeds[r.IntN(len(seeds))]
	toks, _ := sqlexpr.Lex(seed, sqlite)
	var out strings.Builder
	for _, tk := range toks {
		s := seed[tk.At:tk.End]
		switch r.IntN(12) {
		case 0:
			continue
		case 1:
			s = column
		case 2:
			other := seeds[r.IntN(len(seeds))]
			o, _ := sqlexpr.Lex(other, sqlite)
			k := o[r.IntN(len(o))]
			s = other[k.At:k.End]
		case 3:
			s = "(" + seeds[r.IntN(len(seeds))] + ")"
		default:
			if tk.Kind == sqlexpr.TokName && len(s) <= 2 && r.IntN(2) == 0 {
				s = column
			}
		}
		out.WriteString(" " + s)
	}
	return out.String()
}
