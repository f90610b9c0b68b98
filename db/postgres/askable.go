package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// knownCode is what is known of the code that is attached to the database's tables.
type knownCode struct {
	base    atomic.Value // string: see basePath
	strange sync.Map     // quoted table -> error: reading it would run code of others; Inspect finds it
	asked   sync.Map     // quoted table, or everyTable -> asking: what asking its expressions needs
	exposed sync.Map     // quoted table -> bool, whether it can be locked: people who are not trusted may attach code to it
	seen    sync.Map     // seen -> string: the definition that was looked at
}

// findCode looks for code that already the planning of a question would run, as the expressions of indexes do: a table
// with such code of others is not read. Where trusted code, or the types of an extension, need the own path, and nobody
// who is not trusted has a say in it, questions are asked with it.
func (i *inspector) findCode(ctx context.Context) error {
	found, err := attached(ctx, i.s, nil)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(a *attachment) bool { return a.happens&reading == 0 })
	roles, err := i.s.trustedRoles(ctx)
	if err != nil {
		return err
	}
	of := i.s.db
	of.code.strange.Clear()
	of.code.asked.Clear()
	// Types of extensions have operators of their own, which rules need.
	bare := slices.ContainsFunc(slices.Collect(maps.Values(i.types)), func(r *rawType) bool { return r.kind == 'b' && r.base == "" && r.element == 0 })
	byTable := map[string][]*attachment{}
	for _, a := range found {
		bare = bare || a.bare
		byTable[a.table] = append(byTable[a.table], a)
	}
	var open openPath
	if bare {
		if open, err = i.s.openPath(ctx, roles); err != nil {
			return err
		}
	}
	if bare && len(open.places) == 0 {
		of.code.base.Store(i.s.widePath())
	} else {
		of.code.base.Store(controlPath)
	}
	for _, t := range i.order {
		// Trusted code alone is not refused: where the path is open, it is not on it, and fails at worst.
		if err := roles.refuse(byTable[tableSQL(t.Table)], openPath{}); err != nil {
			of.code.strange.Store(tableSQL(t.Table), err)
			t.readable = false
		}
	}
	return i.s.useHere(ctx, of.basePath())
}

// mayRead is an error where reading one of the tables would run code of others.
func (db *DB) mayRead(tables ...*schema.Table) error {
	for _, t := range tables {
		if err, ok := db.code.strange.Load(tableSQL(t)); ok {
			return err.(error)
		}
	}
	return nil
}

// mayReadSQL is mayRead for the tables that a query names, as sower writes their names.
func (db *DB) mayReadSQL(sql string) (err error) {
	db.code.strange.Range(func(table, e any) bool {
		if strings.Contains(sql, table.(string)) {
			err = e.(error)
		}
		return err == nil
	})
	return err
}

// everyTable stands for all tables, where every role of the server is trusted.
const everyTable = ""

// asking is what asking a table's own expressions needs.
type asking struct {
	wide bool  // the own path behind the control path
	err  error // code of others would run
}

// mayAsk tells whether the server may be asked the expressions of a table, and makes the path with which.
func (db *DB) mayAsk(ctx context.Context, s *session, t *schema.Table) error {
	known, ok := db.code.asked.Load(everyTable)
	if !ok {
		known, ok = db.code.asked.Load(tableSQL(t))
	}
	if !ok {
		roles, err := s.trustedRoles(ctx)
		if err != nil {
			return err
		}
		a, of := asking{wide: true}, everyTable
		if !roles.everyone {
			if a, err = s.asking(ctx, roles, t); err != nil {
				return err
			}
			of = tableSQL(t)
		}
		known, _ = db.code.asked.LoadOrStore(of, a)
	}
	switch a := known.(asking); {
	case a.err != nil:
		return fmt.Errorf("ask the expressions of %s: %w", tableName(t), a.err)
	case a.wide:
		return s.useHere(ctx, s.widePath())
	}
	return nil
}

// asking looks at the code that a table's expressions may run.
func (s *session) asking(ctx context.Context, roles *trusted, t *schema.Table) (a asking, err error) {
	oids, err := tableOIDs(ctx, s, []*schema.Table{t}, evaluating)
	if err != nil {
		return a, err
	}
	found, err := attached(ctx, s, append([]string{}, oids...))
	if err != nil {
		return a, err
	}
	a.err = strangers(ctx, s, roles, found, evaluating)
	if a.err != nil && code(a.err) != "" {
		return a, a.err
	}
	a.wide = slices.ContainsFunc(found, func(f *attachment) bool { return f.happens&evaluating != 0 && f.bare })
	return a, nil
}

// mayWrite is an error where writing to the tables would run code of others.
func mayWrite(ctx context.Context, s *session, targets []*sink.Target, happens happening) error {
	tables := make([]*schema.Table, len(targets))
	for i, t := range targets {
		tables[i] = t.Table
	}
	if err := mayHappen(ctx, s, tables, happens); err != nil {
		return err
	}
	return s.db.noteExposed(ctx, s, tables)
}

// mayDefine is an error where DDL would run code of others: event triggers.
func (db *DB) mayDefine(ctx context.Context) error {
	return db.read(ctx, func(s *session) error { return mayHappen(ctx, s, nil, defining) })
}
