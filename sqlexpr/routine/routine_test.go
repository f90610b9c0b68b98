package routine

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/internal/bound/hostile"
	"github.com/sowerdata/sower/sqlexpr"
)

// shown writes statements in one line.
func shown(list []Statement) string {
	var out []string
	expr := func(e sqlexpr.Expr) string {
		if e == nil {
			return "-"
		}
		return e.String()
	}
	for _, s := range list {
		switch s := s.(type) {
		case *Block:
			text := "{" + shown(s.Body) + "}"
			for _, h := range s.Handlers {
				text += " catch {" + shown(h) + "}"
			}
			out = append(out, text)
		case *If:
			text := ""
			for _, b := range s.Branches {
				text += "if " + expr(b.If) + " {" + shown(b.Then) + "} "
			}
			out = append(out, text+"else {"+shown(s.Else)+"}")
		case *Loop:
			text := fmt.Sprint("loop ", s.Into)
			if s.Query != nil {
				text += " of " + s.Query.String()
			}
			out = append(out, text+" {"+shown(s.Body)+"}")
		case *Assign:
			out = append(out, strings.Join(s.To, ".")+" := "+expr(s.Value))
		case *Select:
			out = append(out, fmt.Sprint(s.Query, " into ", s.Into))
		case *Raise:
			out = append(out, fmt.Sprint("raise ", s.Notice))
		case *Return:
			out = append(out, "return "+expr(s.Value))
		case *Insert:
			out = append(out, fmt.Sprint("insert ", s.Schema, ".", s.Table, s.Columns, s.Values, s.Query, s.OnConflict, s.Into))
		case *Change:
			out = append(out, fmt.Sprint("change ", s.Schema, ".", s.Table, " ", s.As, " ", expr(s.Where), s.Joined, s.Into))
		case *Other:
			out = append(out, "other")
		}
	}
	return strings.Join(out, "; ")
}

// What bodies are read as, however they are laid out.
func TestParse(t *testing.T) {
	for body, want := range map[string]string{
		"begin return new; end":      "{return new}",
		"BEGIN\n  RETURN NEW;\nEND;": "{return new}",
		`<<outer>> declare a int; b constant numeric(10,2) not null default 1; c text := f('x;'); begin null; end outer`:                                                                          `{a := -; b := 1; c := f('x;'); other}`,
		`begin if a then raise notice 'x %', b; elsif c then raise exception 'then'; elseif d then return; else null; end if; end`:                                                                `{if a {raise true} if c {raise false} if d {return -} else {other}}`,
		`begin if (case when a then b else c end) then null; end if; x = 1; y := case when a then b end; end`:                                                                                     `{if (CASE WHEN a THEN b ELSE c END) {other} else {}; x := 1; y := (CASE WHEN a THEN b END)}`,
		`begin case x when 1, 2 then return new; else null; end case; case when a then null; end case; end`:                                                                                       `{if ((x = 1) OR (x = 2)) {return new} else {other}; if a {other} else {}}`,
		`begin for r in select * from t where a loop exit when r.b; end loop; while a loop null; end loop l; for i in reverse 10..1 loop null; end loop; loop exit; end loop; end`:                `{loop [r] of SELECT * FROM t WHERE a {other}; loop [] {other}; loop [i] {other}; loop [] {other}}`,
		`begin begin insert into s."T" (a, "B") values (1, f(2, 3)) on conflict do nothing returning a into x; exception when unique_violation or others then raise; end; end`:                    `{{insert s.T[a B] [[1 f(2, 3)]] <nil> true [x]} catch {raise false}}`,
		`begin insert into t select 1, a from u where b; insert into t (a) (select 1); end`:                                                                                                       `{insert .t[] [] SELECT 1, a FROM u WHERE b false []; insert .t[a] [] SELECT 1 false []}`,
		`begin update t as x set a = 1, b = (select 1) from u where x.a = u.a returning x.a into strict v; delete from only t where a; update t set a = 1; end`:                                   `{change .t x (x.a = u.a)true [v]; change .t  afalse []; change .t  -false []}`,
		`begin select a, b into strict x, r.y from t; perform 1 from t where a; select into z a from t; select count(*) from t into n; end`:                                                       `{SELECT a, b FROM t into [x r.y]; SELECT 1 FROM t WHERE a into []; SELECT a FROM t into [z]; SELECT count() FROM t into [n]}`,
		`begin execute format('insert into %I values ($1)', tg_argv[0]) using new; get diagnostics n = row_count; NEW.a[1] := 2; end`:                                                             `{other; other; new.a := 2}`,
		`begin if not exists (select 1 from "T" where "A" = new."B") then raise exception 'x' using errcode = case when a then 'b' end; end if; end`:                                              `{if (NOT EXISTS (SELECT 1 FROM "T" WHERE ("A" = new."B"))) {raise false} else {}}`,
		`begin if a @@@ then null; end if; if a in (variadic b) and x > 1 then null; end if; end`:                                                                                                 `{if (a @@@) {other} else {}; if ((a in (variadic b)) AND (x > 1)) {other} else {}}`,
		`create trigger t after update on x for each row when new.a is not null begin select raise(abort, 'x') where new.b; update or ignore t set a = 1 where c; replace into y values (1); end`: `when (new.a IS NOT NULL) {SELECT raise(abort, 'x') WHERE new.b into []; change .t  cfalse []; insert .y[] [[1]] <nil> true []}`,
	} {
		r, err := Parse(body, strings.HasPrefix(body, "create"))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		got := shown(r.Body)
		if r.When != nil {
			got = "when " + r.When.String() + " " + got
		}
		if got != want {
			t.Errorf("%s\n gives %s\n not   %s", body, got, want)
		}
	}
}

// The names that a body has, and what it reads of the row.
func TestNames(t *testing.T) {
	r, err := Parse(`begin execute 'insert into Audit_Log values (1)'; if NEW . "Total" > new.a then perform f("Some Table".x); end if; -- hidden
		end`, false)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(r.NewColumns) != "[Total a]" || !r.Names("audit_log") || !r.Names("Some Table") || r.Names("hidden") || r.Names("audit") {
		t.Errorf("%v, %v", r.NewColumns, r.Words)
	}
}

// No body kills the process, or takes minutes.
func TestHostile(t *testing.T) {
	texts := append(hostile.Texts(bound.SQL/32), strings.Repeat("begin ", bound.SQL/6-1), strings.Repeat("if a then ", bound.SQL/10-1), strings.Repeat("with insert into a(b) ", bound.SQL/22-1))
	for _, text := range append(texts, strings.Repeat("if ", 1_000_000)) {
		hostile.Watch(t, text, func() { _, _ = Parse(text, false); _, _ = Parse(text, true) })
	}
}

// FuzzParse: no text of any kind does.
func FuzzParse(f *testing.F) {
	for _, text := range hostile.Texts(60) {
		f.Add(text, uint16(1))
	}
	f.Add("declare a int := 1; begin if a then raise exception 'x'; else insert into b (c) values (1) on conflict do nothing; end if; end", uint16(1))
	f.Fuzz(func(t *testing.T, text string, times uint16) {
		if text = hostile.Repeated(text, times); len(text) > bound.SQL {
			return
		}
		hostile.Watch(t, text, func() { _, _ = Parse(text, false); _, _ = Parse(text, true) })
	})
}

// A routine that was written as JSON is read as it was.
func TestJSON(t *testing.T) {
	for text, sqlite := range map[string]bool{
		"begin if new.a > 1 then raise exception 'no'; end if; insert into log values (new.id); return new; end":          false,
		"create trigger g before insert on t when new.a is null begin select raise(abort, 'no'); update u set n = 1; end": true,
	} {
		was, err := Parse(text, sqlite)
		if err != nil {
			t.Fatal(err)
		}
		if !sqlite {
			was.By(Call{Args: []string{"it's", ""}, When: "(new.a > 0)"})
			if arg, ok := was.Arg(0); !ok || arg != "it's" || was.When == nil {
				t.Errorf("%s: argument %q, condition %v", text, arg, was.When)
			}
			if arg, ok := was.Arg(2); ok {
				t.Errorf("%s: a third argument %q", text, arg)
			}
		}
		data, err := json.Marshal(struct{ Code, None *Routine }{Code: was})
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ Code, None *Routine }
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(was, got.Code) || got.None != nil || len(was.Body) == 0 {
			t.Errorf("%s: read again otherwise than it was", data)
		}
	}
}
