package bigschema

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Grown writes a schema like those that grew for ten years: areas of tables that refer to one another, some of
// them by composite keys that begin with the tenant, five cycles, enums, checks, partial uniques, partitions. The
// same seed gives the same text, for PostgreSQL. There are at least 60 tables.
func Grown(seed uint64, tables int) string {
	l := &large{rnd: rand.New(rand.NewPCG(seed, 7))}
	l.line("create table tenants (id integer generated always as identity primary key, name text not null, slug text not null unique check (slug ~ '^[a-z0-9-]+$'));")
	for i := range 20 {
		l.line("create type state_%d as enum ('%s');", i, strings.Join(l.some(states, 3+l.rnd.IntN(4)), "', '"))
	}
	l.line("create domain cents as bigint check (value >= 0);")
	l.line("create domain slug as text check (value ~ '^[a-z0-9]+(-[a-z0-9]+)*$') check (length(value) <= 63);")
	for len(l.tables) < tables-1 {
		l.table()
	}
	l.cycles()
	return l.out.String()
}

type large struct {
	rnd        *rand.Rand
	out        strings.Builder
	tables     []largeTable
	composites int    // composite foreign keys so far
	email      string // a column of the table for a partial unique
}

type largeTable struct {
	name   string
	tenant bool // its key is (tenant_id, id)
	parts  bool // it has partitions: no other unique
}

var (
	areas  = []string{"billing", "catalog", "crm", "stock", "support", "hr", "auth", "media", "search", "mail", "audit", "plan"}
	nouns  = []string{"account", "order", "invoice", "ticket", "contact", "product", "price", "shipment", "member", "group", "policy", "device", "session", "asset", "event", "campaign", "segment", "report", "task", "note", "file", "tag", "role", "contract", "payment"}
	states = []string{"new", "open", "active", "paused", "done", "failed", "closed", "archived", "In Review"}
)

func (l *large) line(format string, args ...any) { fmt.Fprintf(&l.out, format+"\n", args...) }

// some picks n of the words, in their order.
func (l *large) some(words []string, n int) []string {
	var out []string
	for _, i := range l.rnd.Perm(len(words))[:min(n, len(words))] {
		out = append(out, words[i])
	}
	return out
}

// table writes the next table.
func (l *large) table() {
	n := len(l.tables)
	name := fmt.Sprintf("%s_%ss_%d", areas[n/len(nouns)%len(areas)], nouns[n%len(nouns)], n)
	t := largeTable{name: name, tenant: l.rnd.IntN(3) == 0}
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, "\t"+fmt.Sprintf(format, args...)) }
	partitioned := !t.tenant && n%25 == 10
	t.parts = partitioned
	switch {
	case partitioned:
		add("id bigint generated always as identity")
		add("happened_at timestamptz not null")
		add("primary key (id, happened_at)")
	case t.tenant:
		add("tenant_id integer not null references tenants")
		add("id bigint generated always as identity")
		add("primary key (tenant_id, id)")
	default:
		add("id bigserial primary key")
	}
	for i, p := range l.parents(3) {
		if p.tenant {
			if !t.tenant { // the tenant comes with the parent
				add("p%d_tenant_id integer", i)
				add("p%d_id bigint", i)
				add("foreign key (p%[1]d_tenant_id, p%[1]d_id) references %[2]s (tenant_id, id)", i, p.name)
				add("check ((p%[1]d_tenant_id is null) = (p%[1]d_id is null))", i)
			} else {
				add("p%d_id bigint%s", i, l.pick(" not null", ""))
				add("foreign key (tenant_id, p%d_id) references %s (tenant_id, id)", i, p.name)
			}
			l.composites++
			continue
		}
		add("p%d_id bigint%s references %s", i, l.pick(" not null", ""), p.name)
	}
	for i := range 4 + l.rnd.IntN(8) {
		l.column(add, t, i)
	}
	if n%9 == 4 {
		key := "id"
		if t.tenant {
			key = "tenant_id, id"
		}
		if !partitioned {
			add("parent_id bigint")
			add("foreign key (%s) references %s (%s)", strings.Replace(key, "id", "parent_id", 1), name, key)
			if t.tenant {
				lines[len(lines)-1] = fmt.Sprintf("\tforeign key (tenant_id, parent_id) references %s (tenant_id, id)", name)
				l.composites++
			}
		}
	}
	l.line("create table %s (\n%s\n)%s;", name, strings.Join(lines, ",\n"), map[bool]string{true: " partition by range (happened_at)"}[partitioned])
	if l.email != "" && !partitioned {
		l.line("create unique index on %s (lower(%s)) where id > 0;", name, l.email)
	}
	l.email = ""
	if partitioned {
		for year := 2023; year < 2026; year++ {
			l.line("create table %s_%d partition of %s for values from ('%d-01-01 00:00:00+00') to ('%d-01-01 00:00:00+00');", name, year, name, year, year+1)
		}
	} else {
		l.tables = append(l.tables, t)
		return
	}
	t.name = ""
	l.tables = append(l.tables, t)
}

// parents picks up to n tables that stand already, each once.
func (l *large) parents(n int) []largeTable {
	var out []largeTable
	for _, i := range l.rnd.Perm(len(l.tables)) {
		if len(out) >= l.rnd.IntN(n+1) {
			break
		}
		if l.tables[i].name != "" {
			out = append(out, l.tables[i])
		}
	}
	return out
}

func (l *large) pick(words ...string) string { return words[l.rnd.IntN(len(words))] }

// column writes one column of a kind that is drawn, with its constraint.
func (l *large) column(add func(string, ...any), t largeTable, i int) {
	null := l.pick(" not null", "")
	switch l.rnd.IntN(18) {
	case 0:
		add("name%d text not null check (length(btrim(name%[1]d)) > 0)", i)
	case 1:
		add("state%d state_%d not null", i, l.rnd.IntN(20))
	case 2:
		add("amount%d cents%s", i, null)
	case 3:
		add("price%d numeric(10,2)%s check (price%[1]d >= 0)", i, null)
	case 4:
		add("starts%d date%s, ends%[1]d date%[2]s, check (ends%[1]d >= starts%[1]d)", i, null)
	case 5:
		unique := l.pick(" unique", "")
		if t.parts {
			unique = ""
		}
		add("email%d text not null%s", i, unique)
		l.email = fmt.Sprintf("email%d", i)
	case 6:
		add("kind%d text not null check (kind%[1]d in ('a', 'b', 'c')), a%[1]d text, b%[1]d integer, check ((kind%[1]d = 'a') = (a%[1]d is not null)), check (kind%[1]d <> 'b' or b%[1]d is not null)", i)
	case 7:
		add("x%d integer, y%[1]d integer, check (num_nonnulls(x%[1]d, y%[1]d) = 1)", i)
	case 8:
		add("hash%d bytea%s check (octet_length(hash%[1]d) = 32)", i, null)
	case 9:
		add("slug%d slug not null", i)
		if t.tenant {
			add("unique (tenant_id, slug%d)", i)
		}
	case 10:
		add("meta%d jsonb not null default '{}' check (jsonb_typeof(meta%[1]d) = 'object')", i)
	case 11:
		add("tags%d text[] not null default '{}' check (cardinality(tags%[1]d) <= 8)", i)
	case 12:
		add("created%d timestamptz not null default now(), updated%[1]d timestamptz not null default now(), check (updated%[1]d >= created%[1]d)", i)
	case 13:
		add("percent%d smallint%s check (percent%[1]d between 0 and 100)", i, null)
	case 14:
		add("token%d uuid not null%s default gen_random_uuid()", i, map[bool]string{false: " unique"}[t.parts])
	case 15:
		add("code%d varchar(12)%s check (code%[1]d ~ '^[A-Z]{2}-[0-9]{4,8}$')", i, null)
	case 16:
		add("active%d boolean not null default true, archived%[1]d boolean not null default false, check (not (active%[1]d and archived%[1]d))", i)
	default:
		add("note%d text%s", i, null)
	}
}

// cycles closes five rings of references, of three to seven tables.
func (l *large) cycles() {
	var plain []string
	for _, t := range l.tables {
		if t.name != "" && !t.tenant {
			plain = append(plain, t.name)
		}
	}
	at := 0
	for c := range 5 {
		n := 3 + c
		ring := plain[at : at+n]
		at += n
		for i, name := range ring {
			rule := ""
			if i == 0 { // one edge may be null, or waits
				rule = l.pick("", " deferrable initially deferred")
			}
			l.line("alter table %s add column ring%d_id bigint%s references %s%s;", name, c, map[bool]string{true: "", false: " not null"}[i == 0], ring[(i+1)%n], rule)
		}
	}
}
