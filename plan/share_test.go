package plan_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
)

// TestSetsThatShareColumns: several sets that have columns in common hold as many rows as the narrowest of them.
func TestSetsThatShareColumns(t *testing.T) {
	const parents = `  matches: {rows: 4, columns: {id: sequence}}
  users: {rows: 9, columns: {id: sequence, team_id: {reference: matches}}}
`
	const match = "match_id: {reference: matches}, user_id: {reference: users}, team: {pick: [0, 1]}, place: {integer: {min: 1, max: 3}}"
	for _, x := range []brim{
		{"one column", parents, "[match_id, user_id], [match_id, team, place]", match, 24},
		{"the same one alone", parents, "[place, user_id], [place, team], [place, match_id]", match, 6},
		{"two columns", parents, "[match_id, team, user_id], [match_id, team, place]", match, 24},
		{"one within the other", parents, "[match_id, user_id], [match_id, team, place], [match_id, team, user_id, place]", match, 24},
		{"some of them closer", parents, "[match_id, team, user_id], [match_id, team, place], [match_id, seat]", match + ", seat: {integer: {min: 1, max: 5}}", 20},
		{"in groups", parents, "[match_id, team, user_id], [match_id, team, place], [match_id, seat, row], [match_id, seat, column]",
			match + ", seat: {pick: [a, b]}, row: {integer: {min: 1, max: 4}}, column: {integer: {min: 1, max: 5}}", 24},
		{"with references that match", parents, "[place, match_id, user_id], [place, team]",
			"match_id: {reference: matches}, user_id: {reference: {table: users, column: id, matching: {team_id: match_id}}}, team: {pick: [0, 1]}, place: {integer: {min: 1, max: 3}}", 6},
		{"with weights", parents, "[match_id, kind], [match_id, user_id]", match + ", kind: {pick: {weights: {a: 90, b: 9, c: 1}}}", 12},
	} {
		t.Run(x.name, x.fill)
	}
}

// TestPartsShareColumns: sets that share columns are held in each part, where parts differ.
func TestPartsShareColumns(t *testing.T) {
	for rows, ok := range map[int]bool{8: true, 9: false} {
		p, err := build(fstest.MapFS{"b.yaml": {Data: fmt.Appendf(nil, `sower: 1
name: test
tables:
  p: {rows: 4, columns: {id: sequence}}
  t:
    parts: {x: {rows: %d}, y: {rows: 12}}
    unique: [[p_id, kind, a], [p_id, kind, b]]
    columns:
      p_id: {reference: p}
      kind: {part: {x: {constant: 1}, y: {constant: 2}}}
      a: {part: {x: {integer: {min: 1, max: 2}}, y: {integer: {min: 1, max: 3}}}}
      b: {part: {x: {integer: {min: 1, max: 3}}, y: {integer: {min: 1, max: 4}}}}
`, rows)}}, nil)
		if (err == nil) != ok {
			t.Fatalf("%d rows: %v", rows, err)
		}
		if ok {
			newWorld(t, p).check()
		}
	}
}

// TestSetsWithoutACore: what no numbering holds is held by drawing again; where that does not end, the rows that are
// left fit, or fewer.
func TestSetsWithoutACore(t *testing.T) {
	for _, x := range []struct {
		name        string
		values      int
		rows, least int64
	}{{"room", 10, 40, 40}, {"little room", 6, 24, 18}, {"none to draw again", 5, 25, 8}} {
		t.Run(x.name, func(t *testing.T) {
			var p *plan.Plan
			for rows := x.rows; p == nil; {
				var err error
				p, err = build(fstest.MapFS{"b.yaml": {Data: fmt.Appendf(nil, `sower: 1
name: test
tables:
  p: {rows: %d, columns: {id: sequence}}
  t:
    rows: %d
    unique: [[a, b], [b, c], [a, c]]
    columns: {a: {reference: p}, b: {reference: p}, c: {integer: {min: 1, max: %[1]d}}}
`, x.values, rows)}}, nil)
				var ps blueprint.Problems
				switch {
				case err == nil:
				case !errors.As(err, &ps) || len(ps) != 1 || !ps[0].HasMost || ps[0].Most >= rows || ps[0].Most < 1 || ps[0].Table != "t":
					t.Fatalf("%d rows: %v", rows, err)
				default:
					rows = ps[0].Most
				}
			}
			if n := p.Table("t").Rows; n < x.least {
				t.Errorf("%d of %d rows, fewer than %d", n, x.rows, x.least)
			}
			newWorld(t, p).check()
		})
	}
}

// TestSetsWithoutACoreAndManyRows: of more rows than are looked at, so many fit.
func TestSetsWithoutACoreAndManyRows(t *testing.T) {
	_, err := build(fstest.MapFS{"b.yaml": {Data: []byte("sower: 1\nname: test\ntables:\n  t: {rows: 2000000, unique: [[a, b], [b, c], [a, c]], columns: {a: {integer: {max: 9999}}, b: {integer: {max: 9999}}, c: {integer: {max: 9999}}}}\n")}}, nil)
	var ps blueprint.Problems
	if !errors.As(err, &ps) || len(ps) != 1 || !ps[0].HasMost || ps[0].Most != 1<<20 {
		t.Errorf("got %v", err)
	}
}

// TestRowsOfSetsThatShareColumnsVary: the slots of a core do not give the same to all of them.
func TestRowsOfSetsThatShareColumnsVary(t *testing.T) {
	p, err := build(fstest.MapFS{"b.yaml": {Data: []byte(`sower: 1
name: test
tables:
  p: {rows: 50, columns: {id: sequence}}
  t:
    rows: 1000
    unique: [[p_id, a], [p_id, b]]
    columns: {p_id: {reference: p}, a: {integer: {min: 1, max: 100}}, b: {integer: {min: 1, max: 25}}}
`)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, p)
	w.check()
	pairs, as := map[string]bool{}, map[string]bool{}
	for row := range 1000 {
		a, b := w.column("t", "a").String(row), w.column("t", "b").String(row)
		pairs[a+" "+b], as[a] = true, true
	}
	if len(pairs) < 700 || len(as) < 95 {
		t.Errorf("%d different pairs, %d different values", len(pairs), len(as))
	}
}
