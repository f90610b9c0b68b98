package sqlite

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/sink"
)

// form1 is the record as it was before it had a form, with a run that is not whole.
const form1 = `
	create table sower_run (number integer primary key, blueprint text not null, state text not null, identity text not null, plan blob,
		version text not null, started text not null, finished text);
	create table sower_ledger (run integer not null, name text not null, first integer not null, n integer not null, primary key (run, name, first)) without rowid;
	create table sower_key (table_name text not null, column_name text not null, last integer not null, primary key (table_name, column_name)) without rowid;
	insert into sower_run values (1, 'b', 'running', 'i', '{}', 'v0.1.0', '2025-01-01 00:00:00', null);
	insert into sower_ledger values (1, 't', 0, 10), (1, 't', 10, 5)`

// An old record is read as it is, also where nothing may be written, and brought to today's form in place by the first
// write, together with it or not at all.
func TestRecordOfOldForm(t *testing.T) {
	db := create(t, form1)
	weak := open(t, "sqlite:"+db.path, Options{ReadOnly: true})
	forms := func() string { return scalar(t, db, "select count(*) from sqlite_schema where name = 'sower_form'") }
	want := sink.Entry{Range: sink.Range{First: 10, N: 5}}
	for i, reader := range []*DB{db, weak} {
		runs, err := reader.Runs(t.Context())
		if err != nil || len(runs) != 1 || runs[0].Blueprint != "b" || runs[0].Shape != nil || runs[0].Grows != 0 {
			t.Fatalf("reader %d: %+v, %v", i, runs, err)
		}
		ledger, err := reader.Ledger(t.Context(), 1, "t")
		if err != nil || len(ledger) != 2 || ledger[1] != want {
			t.Fatalf("reader %d: %+v, %v", i, ledger, err)
		}
	}
	if forms() != "0" {
		t.Error("reading made the table of forms")
	}
	runs, _ := db.Runs(t.Context())
	r := runs[0]
	r.Version, r.Shape, r.Number = "v2", []byte("x"), 9
	if err := db.SaveRun(t.Context(), r); err == nil || forms() != "0" {
		t.Errorf("a write that fails: %v, forms %s", err, forms())
	}
	r.Number = 1
	if err := db.SaveRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got := scalar(t, db, "select form || sower from sower_form"); got != "2v2" {
		t.Errorf("form %q", got)
	}
	ledger, err := db.Ledger(t.Context(), 1, "t")
	if err != nil || len(ledger) != 2 || ledger[1] != want {
		t.Errorf("%+v, %v", ledger, err)
	}
	r.Shape = nil // what is recorded stays
	if err := db.SaveRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if runs, err := db.Runs(t.Context()); err != nil || string(runs[0].Shape) != "x" {
		t.Errorf("%+v, %v", runs[0], err)
	}
	other := create(t, "create table t (id integer)")
	if err := other.SaveRun(t.Context(), &sink.Run{Blueprint: "b", State: sink.Running, Identity: "i", Version: "v2"}); err != nil {
		t.Fatal(err)
	}
	const look = `select group_concat(l.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || c.pk, char(10))
		from sqlite_schema l, pragma_table_xinfo(l.name) c where l.name in ('sower_form', 'sower_run', 'sower_ledger') and l.type = 'table'`
	sorted := func(s string) string {
		lines := strings.Split(s, "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	if old, new := sorted(scalar(t, db, look)), sorted(scalar(t, other, look)); old != new {
		t.Errorf("migrated:\n%s\nmade:\n%s", old, new)
	}
}

// A record of a later form is not touched, and the error says which version of sower it needs.
func TestRecordOfNewerForm(t *testing.T) {
	db := create(t, form1+`; create table sower_form (form integer primary key, sower text not null); insert into sower_form values (7, 'v9.9.9')`)
	_, runs := db.Runs(t.Context())
	_, ledger := db.Ledger(t.Context(), 1, "t")
	for i, err := range []error{runs, ledger, db.SaveRun(t.Context(), &sink.Run{Version: "v2"})} {
		if !errors.Is(err, sink.ErrForm) || !strings.Contains(err.Error(), "form 7, made by sower v9.9.9") {
			t.Errorf("%d: %v", i, err)
		}
	}
}
