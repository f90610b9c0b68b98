package check

import "github.com/sowerdata/sower/schema"

// compileSQLite compiles a condition as SQLite reads it, as far as that is what PostgreSQL makes of it too:
// comparisons within one kind, lists, logic and nulls. What compares texts with numbers, or depends on
// affinities or on LIKE's folding of letters, is not known.
func compileSQLite(t *schema.Table, e Expr, o Options) (*Program, error) {
	known := true
	Walk(e, func(e Expr) {
		if b, ok := e.(*Binary); ok && (b.Op == "LIKE" || b.Op == "GLOB" || b.Op == "/" || b.Op == "||") {
			known = false
		}
	})
	if !known {
		return nil, unknown("what SQLite makes of %s", e)
	}
	c := &compiler{table: t, options: o}
	n, err := c.condition(e)
	if err != nil {
		return nil, err
	}
	return &Program{Expression: e.String(), Columns: c.columns, eval: n.eval}, nil
}

func (s *solver) constantSQLite(e Expr) (node, bool) {
	c := &compiler{table: s.table, options: s.options}
	x, err := c.compile(e)
	if err != nil || x.konst == nil {
		return node{}, false
	}
	return x, true
}

func (n *narrowing) patternSQLite(e *Binary, positive bool) outcome { return notTold }

func (n *narrowing) momentSQLite(op string, x node) outcome { return notTold }
