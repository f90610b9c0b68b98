package infer

import (
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/schema"
)

func databaseOf(tables ...*schema.Table) *schema.Database {
	return &schema.Database{Dialect: "postgres", Name: "x_test", Defaults: "public", Tables: tables}
}

// cellsOf gives the cells of a table's column.
func cellsOf(t *testing.T, r *Result, table, name string) []string {
	t.Helper()
	return strings.Fields(cells(t, r.Plan, table)[name])
}

// A key whose kind a check holds to one value refers to parents of that kind.
func TestPinnedKind(t *testing.T) {
	const kinds = "(kind = ANY (ARRAY['attached'::text, 'central'::text]))"
	places := checked(unique(tableOf("places", "id", integerType, "kind", textType), "id", "id kind"), kinds, "kind")
	refers := func(c *schema.Table) *schema.Table {
		c.ForeignKeys = []*schema.ForeignKey{{Name: c.Name + "_fkey", Columns: []string{"place_id", "kind"}, RefSchema: "public", RefTable: "places", RefColumns: []string{"id", "kind"}}}
		return c
	}
	central := refers(checked(tableOf("central", "place_id", integerType, "kind", textType), "(kind = 'central'::text)", "kind"))
	either := refers(checked(tableOf("either", "place_id", integerType, "kind", textType), kinds, "kind"))
	r := infer(t, databaseOf(places, central, either))
	of := map[string]string{}
	ids := cellsOf(t, r, "places", "id")
	for i, kind := range cellsOf(t, r, "places", "kind") {
		of[ids[i]] = kind
	}
	for _, table := range []string{"central", "either"} {
		seen := map[string]bool{}
		kinds := cellsOf(t, r, table, "kind")
		for i, id := range cellsOf(t, r, table, "place_id") {
			if seen[kinds[i]] = true; of[id] != kinds[i] {
				t.Errorf("%s: row %d refers to place %s, a %s one, as %s", table, i, id, of[id], kinds[i])
			}
		}
		if len(kinds) != 200 || !seen["central"] || seen["attached"] != (table == "either") {
			t.Errorf("%s: %d rows of the kinds %v", table, len(kinds), seen)
		}
	}
}

// What is distinct with others is not drawn again where another column will do.
func TestRedrawSparesUniques(t *testing.T) {
	accounts := unique(tableOf("accounts", "id", integerType), "id")
	moves := unique(tableOf("moves", "from_id", integerType, "to_id?", integerType, "imported", textType), "from_id imported")
	moves = checked(refers(refers(moves, "from_id", "accounts"), "to_id", "accounts"), "((to_id IS NULL) OR (to_id <> from_id))", "to_id", "from_id")
	r := infer(t, databaseOf(accounts, moves))
	if text := string(r.Text); !strings.Contains(text, "redraw: [to_id]") {
		t.Errorf("it is not to_id alone that is drawn again:\n%s", text)
	}
	to := cellsOf(t, r, "moves", "to_id")
	for i, from := range cellsOf(t, r, "moves", "from_id") {
		if to[i] == from {
			t.Errorf("row %d goes from %s to itself", i, from)
		}
	}
	if !slices.ContainsFunc(to, func(id string) bool { return id != "null" }) {
		t.Error("no row has a second account")
	}
}

// A check between columns that are copied from parents is held by drawing the parents again.
func TestRedrawsLeaders(t *testing.T) {
	users := unique(tableOf("users", "nick", textType, "org", integerType), "nick org")
	pairs := unique(tableOf("pairs", "a_nick", textType, "a_org", integerType, "b_nick", textType, "b_org", integerType), "a_nick a_org b_nick b_org")
	for _, side := range []string{"a", "b"} {
		pairs.ForeignKeys = append(pairs.ForeignKeys, &schema.ForeignKey{Name: "pairs_" + side, Columns: []string{side + "_nick", side + "_org"}, RefSchema: "public", RefTable: "users", RefColumns: []string{"nick", "org"}})
	}
	pairs = checked(pairs, "(a_nick <> b_nick)", "a_nick", "b_nick")
	r := infer(t, databaseOf(users, pairs))
	c := cells(t, r.Plan, "pairs")
	a, b := strings.Split(strings.TrimSpace(c["a_nick"]), "\n"), strings.Split(strings.TrimSpace(c["b_nick"]), "\n")
	for i := range a {
		if a[i] == b[i] {
			t.Errorf("row %d is of %q twice", i, a[i])
		}
	}
	if len(a) != 200 {
		t.Errorf("%d rows", len(a))
	}
}

// Rows without a parent that matches get null, and what their checks want then, rather than being left out.
func TestOptionalMatch(t *testing.T) {
	orgs := unique(tableOf("orgs", "id", integerType), "id")
	accounts := refers(unique(tableOf("accounts", "id", integerType, "org_id", integerType), "id", "id org_id"), "org_id", "orgs")
	settings := refers(unique(tableOf("settings", "org_id", integerType, "account_id?", integerType, "locked_at?", momentType), "org_id"), "org_id", "orgs")
	settings.ForeignKeys = append(settings.ForeignKeys, &schema.ForeignKey{Name: "settings_account_fkey", Columns: []string{"account_id", "org_id"}, RefSchema: "public", RefTable: "accounts", RefColumns: []string{"id", "org_id"}})
	settings = checked(settings, "((locked_at IS NULL) OR (account_id IS NOT NULL))", "locked_at", "account_id")
	r := infer(t, databaseOf(orgs, accounts, settings))
	of := map[string]string{}
	ids := cellsOf(t, r, "accounts", "id")
	for i, org := range cellsOf(t, r, "accounts", "org_id") {
		of[ids[i]] = org
	}
	orgIDs, accountIDs, locked := cellsOf(t, r, "settings", "org_id"), cellsOf(t, r, "settings", "account_id"), strings.Split(cells(t, r.Plan, "settings")["locked_at"], "\n")
	filled := 0
	for i, id := range accountIDs {
		switch {
		case id == "null" && locked[i] != "null":
			t.Errorf("row %d is locked without an account", i)
		case id != "null" && of[id] != orgIDs[i]:
			t.Errorf("row %d: account %s of another organisation", i, id)
		case id != "null":
			filled++
		}
	}
	if len(orgIDs) != 200 || filled < 60 {
		t.Errorf("%d rows, %d of them with an account", len(orgIDs), filled)
	}
}

// The key of a row whose trigger makes the base row follows nothing, though it refers to that row: what it optionally
// leads to follows the key.
func TestKeyOfMadeRow(t *testing.T) {
	methods := unique(tableOf("methods", "id", integerType), "id")
	passwords := unique(tableOf("passwords", "id", integerType, "conf_id?", integerType), "id")
	confs := refers(unique(tableOf("confs", "id", integerType, "password_id", integerType), "id", "password_id id"), "password_id", "passwords")
	for _, s := range []*schema.Table{methods, passwords, confs} {
		s.PrimaryKey = s.Uniques[0]
	}
	passwords = refers(passwords, "id", "methods")
	passwords.ForeignKeys = append(passwords.ForeignKeys, &schema.ForeignKey{Name: "current_conf", Columns: []string{"id", "conf_id"}, RefSchema: "public", RefTable: "confs", RefColumns: []string{"password_id", "id"}})
	passwords.Triggers = []*schema.Trigger{{Name: "base", Row: true, Code: code(t, "begin insert into methods (id) values (new.id); return new; end")}}
	r := infer(t, databaseOf(methods, passwords, confs))
	of := map[string]string{}
	ids := cellsOf(t, r, "confs", "id")
	for i, password := range cellsOf(t, r, "confs", "password_id") {
		of[ids[i]] = password
	}
	own := cellsOf(t, r, "passwords", "id")
	filled := 0
	for i, conf := range cellsOf(t, r, "passwords", "conf_id") {
		if conf == "null" {
			continue
		}
		if filled++; of[conf] != own[i] {
			t.Errorf("row %d: %s has the configuration of %s", i, own[i], of[conf])
		}
	}
	if len(own) != 200 || filled == 0 {
		t.Errorf("%d rows, %d with a configuration", len(own), filled)
	}
}
