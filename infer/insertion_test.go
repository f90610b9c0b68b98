package infer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// code reads the body of a trigger: of SQLite where it is a CREATE TRIGGER.
func code(t *testing.T, body string) *routine.Routine {
	t.Helper()
	r, err := routine.Parse(body, strings.HasPrefix(body, "create"))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

// What a trigger's function inserts, for which rows.
func TestInsertions(t *testing.T) {
	known := func(c sqlexpr.Expr) answer {
		if c.String() == "(new.id IS NOT NULL)" {
			return holds
		}
		return unknown
	}
	for body, want := range map[string]string{
		"begin insert into b (id, n) values (new.id, f(1, ')')); return new; end":                                                                                                          "b(id=new.id n=f(1, ')'))",
		"begin -- insert into x (id) values (1);\n /* insert into y (id) values (1); */ perform 'insert into z (id) values (1)'; end":                                                      "",
		`BEGIN INSERT INTO s."B" ("Id") VALUES (NEW."Id") ON CONFLICT DO NOTHING; RETURN NULL; END`:                                                                                        `s.B(Id=new."Id") guarded`,
		"begin if new.k = 'x' then insert into b (id) values (new.id); end if; end":                                                                                                        "b(id=new.id) maybe",
		"begin if new.id is not null then insert into b (id) values (new.id); else insert into c (id) values (new.id); end if; end":                                                        "b(id=new.id)",
		"begin if (TG_OP = 'INSERT') then insert into b (id) values (new.id); elsif tg_op = 'DELETE' then insert into c (id) values (old.id); end if; end":                                 "b(id=new.id)",
		"begin if tg_op = 'DELETE' then return old; end if; insert into b (id) values (new.id); return new; end":                                                                           "b(id=new.id)",
		"begin if tg_op in ('UPDATE', 'DELETE') then return null; else insert into b (id) values (new.id); end if; end":                                                                    "b(id=new.id)",
		"begin if new.k then return new; end if; insert into b (id) values (new.id); return new; end":                                                                                      "b(id=new.id) maybe",
		"begin if exists (select from b where id = new.id) then return new; end if; insert into b (id) values (new.id); end":                                                               "b(id=new.id) guarded",
		"begin if not exists (select from b where (id = new.id)) then insert into b (id) values (new.id); end if; end":                                                                     "b(id=new.id) guarded",
		"begin update b set n = n + 1 where id = new.id; if not found then insert into b (id) values (new.id); end if; end":                                                                "b(id=new.id) guarded",
		"begin if new.k then if tg_op = 'INSERT' then insert into b (id) values (new.id); end if; end if; insert into c (id) values (1); end":                                              "b(id=new.id) maybe; c(id=1)",
		"begin case new.k when 'x' then insert into b (id) values (new.id); else null; end case; insert into c (id) values (case when new.k then 1 else 2 end); end":                       "b(id=new.id) maybe; c(id=(CASE WHEN new.k THEN 1 ELSE 2 END))",
		"begin for i in 1..3 loop insert into b (id) values (new.id); end loop; insert into c (id) values (1); end":                                                                        "b(id=new.id) maybe; c(id=1)",
		"begin begin insert into b (id) values (new.id); exception when unique_violation then insert into c (id) values (1); end; raise exception 'x'; insert into d (id) values (1); end": "b(id=new.id); c(id=1) maybe",
		"begin insert into b (id) select new.id where new.k = 'x'; insert into c (id) select new.id; insert into d (id) select new.id from e; end":                                         "b(id=new.id) maybe; c(id=new.id)",
		"begin insert into b (id) select new.id where not exists (select from b where id = new.id); end":                                                                                   "b(id=new.id) guarded",
		"begin insert into b (id) values (new.id), (new.id + 1); insert into c (id, n) values (1); end":                                                                                    "b(id=new.id) maybe",
		// Other ways to say it.
		"begin insert into b values (new.id, 'x'); end": "b(?=new.id ?='x')",
		"<<f>> declare v int := new.id; /* /* nested */ if */ begin begin insert into public.b as x (id, n) values (v, $q$ ; end $q$); end; return new; end f": "public.b(id=new.id n=' ; end ')",
		"begin if tg_op = 'INSERT' and (new.id is not null or new.k) then insert into b (id) values (new.id); end if; end":                                     "b(id=new.id)",
		"begin case tg_op when 'UPDATE', 'DELETE' then return null; else insert into b (id) values (new.id); end case; end":                                    "b(id=new.id)",
		"begin if tg_op = 'INSERT' then insert into b (id) values (new.id); return new; end if; insert into c (id) values (1); return new; end":                "b(id=new.id)",
		"begin if new.k is null then raise exception 'x'; end if; insert into b (id) values (new.id); end":                                                     "b(id=new.id)",
		"declare n int; begin select count(*) into n from b where id = new.id; if n = 0 then insert into b (id) values (new.id); end if; end":                  "b(id=new.id) guarded",
		"begin with x as (insert into b (id) values (new.id) returning id) select id into v from x; end":                                                       "b(id=new.id)",
		"create trigger t after insert on a begin insert or ignore into B (Id) values (NEW.Id); end":                                                           `B(Id="NEW"."Id") guarded`,
		"begin create temp table if not exists x (id int); insert into b (id) values (new.id) returning id into v; end":                                        "b(id=new.id)",
	} {
		var got []string
		for _, n := range insertions(code(t, body), known) {
			var cells []string
			for i, v := range n.values {
				name := "?"
				if len(n.columns) > 0 {
					name = n.columns[i]
				}
				cells = append(cells, name+"="+v.String())
			}
			text := fmt.Sprintf("%s(%s)", strings.TrimPrefix(n.schema+"."+n.table, "."), strings.Join(cells, " "))
			if n.maybe {
				text += " maybe"
			}
			if n.guarded {
				text += " guarded"
			}
			got = append(got, text)
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%s\n gives %s\n not   %s", body, s, want)
		}
	}
}

// A table whose rows a trigger makes for some rows is left to it; what it copies into a unique, and into a column
// without nulls, is distinct and filled in the rows that fire it.
func TestTriggerOfSomeRows(t *testing.T) {
	db := shop()
	customers := db.Table("customers")
	customers.Columns[1].NotNull = false
	customers.Triggers = []*schema.Trigger{{Name: "vip", Row: true, Code: code(t, "begin if new.email like '%x%' then insert into vips (customer, code, name) values (new.id, new.email, new.first_name); end if; return new; end")}}
	integer, text := schema.Type{Name: "integer", Base: "int4", Kind: column.Int, Width: 4}, schema.Type{Name: "text", Base: "text", Kind: column.Text}
	vips := &schema.Table{Schema: "public", Name: "vips", CanInsert: true, Columns: []*schema.Column{{Name: "customer", Type: integer, NotNull: true}, {Name: "code", Type: text}, {Name: "name", Type: text, NotNull: true}},
		Uniques: []*schema.Unique{{Name: "vips_pkey", Columns: []string{"customer"}, Primary: true, Constraint: true}, {Name: "vips_code", Columns: []string{"code"}}}}
	vips.PrimaryKey = vips.Uniques[0]
	gifts := &schema.Table{Schema: "public", Name: "gifts", CanInsert: true, Columns: []*schema.Column{{Name: "vip", Type: integer, NotNull: true}, {Name: "what", Type: text}},
		ForeignKeys: []*schema.ForeignKey{{Name: "gifts_vip", Columns: []string{"vip"}, RefSchema: "public", RefTable: "vips", RefColumns: []string{"customer"}}}}
	db.Tables = append(db.Tables, vips, gifts)
	r := infer(t, db)
	if r.Plan.Table("vips") != nil || len(r.Skipped) != 1 || r.Skipped[0].Table != "gifts" || !strings.Contains(r.Skipped[0].Reason, "as it likes") {
		t.Errorf("left out: %+v in\n%s", r.Skipped, r.Text)
	}
	seen := map[string]bool{}
	for _, email := range strings.Fields(cells(t, r.Plan, "customers")["email"]) {
		if seen[email] {
			t.Errorf("%s comes twice", email)
		}
		seen[email] = true
	}
	if names := strings.Split(strings.TrimSuffix(cells(t, r.Plan, "customers")["first_name"], "\n"), "\n"); len(seen) != 200 || len(names) != 200 || slices.Contains(names, "null") {
		t.Errorf("%d of 200, names %q", len(seen), names)
	}

	customers.Triggers[0].Code = code(t, "begin insert into vips (customer, code, name) values (new.id, new.email, 'x') on conflict do nothing; return new; end")
	r = infer(t, db)
	if p := r.Plan.Table("vips"); p == nil || !p.Triggered || r.Plan.Table("gifts") == nil {
		t.Errorf("vips is not made by the trigger:\n%s", r.Text)
	}
	customers.Triggers[0].When = true
	if r = infer(t, db); r.Plan.Table("vips") != nil {
		t.Errorf("vips is made by a trigger of some rows:\n%s", r.Text)
	}
}
