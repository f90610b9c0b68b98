package postgres

import (
	"net"
	"slices"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
	"github.com/sowerdata/sower/schema"
)

func TestLocal(t *testing.T) {
	for text, want := range map[string]bool{"127.0.0.1:5": true, "[::1]:5": true, "127.8.9.10:5": true, "10.0.0.1:5": false, "192.168.1.1:5": false, "[2001:db8::1]:5": false} {
		a, err := net.ResolveTCPAddr("tcp", text)
		if err != nil {
			t.Fatal(err)
		}
		if local(a) != want {
			t.Errorf("%s: local is %t", text, !want)
		}
	}
	if !local(&net.UnixAddr{Name: "/tmp/x"}) {
		t.Error("a socket file is another machine's")
	}
}

// A published table is named once somebody receives what is published, a partition by its parent's publication too.
func TestRisks(t *testing.T) {
	srv := pgtest.StartFor(t, pgtest.Options{Settings: map[string]string{"wal_level": "logical"}})
	url := srv.NewDatabase(t, "risk")
	srv.Psql(t, url, `create table plain (a int); create table sent (a int primary key); create table parted (a int primary key) partition by range (a);
create table part partition of parted for values from (0) to (10); create publication p for table sent, parted; create publication q for table sent`)
	db, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var tables []*schema.Table
	for _, name := range []string{"plain", "sent", "part", "parted"} {
		tables = append(tables, &schema.Table{Schema: "public", Name: name})
	}
	risks := func() []string {
		t.Helper()
		r, err := db.Risks(t.Context(), tables)
		if err != nil {
			t.Fatal(err)
		}
		if r.Standby || r.Superuser != "sower" || r.Remote != "" {
			t.Errorf("%+v", r)
		}
		return r.Replicated
	}
	if got := risks(); len(got) > 0 {
		t.Errorf("nobody receives anything, and %q are named", got)
	}
	srv.Psql(t, url, "select pg_create_logical_replication_slot('away', 'pgoutput')")
	want := []string{"public.part (publication p)", "public.parted (publication p)", "public.sent (publication p, q)"}
	if got := risks(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	srv.Psql(t, url, "select pg_drop_replication_slot('away')")
}
