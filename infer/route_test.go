package infer

import (
	"fmt"
	"testing"
)

func TestRefusals(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`begin if new.a is null then raise exception 'x'; end if; return new; end`, "[[(new.a IS NULL)]]"},
		{`begin if new.kind = 'card' then if new.no is null then raise 'x'; end if; end if; return new; end`, "[[(new.kind = 'card') (new.no IS NULL)]]"},
		{`begin if new.a > 1 then return new; end if; raise exception 'x'; end`, "[[((new.a > 1) IS NOT TRUE)]]"},
		{`begin case when new.a is null then raise exception 'a'; when new.b is null then raise exception 'b'; else end case; return new; end`,
			"[[(new.a IS NULL)] [((new.a IS NULL) IS NOT TRUE) (new.b IS NULL)]]"},
		{`begin case new.kind when 'x' then new.n := 1; when 'y' then return new; else raise exception 'kind; then'; end case; end`,
			"[[((new.kind = 'x') IS NOT TRUE) ((new.kind = 'y') IS NOT TRUE)]]"},
		{`begin if new.a = 1 then null; elsif new.b = (case when new.c then 1 else 2 end) then raise exception 'x'; else perform f(); end if; return new; end`,
			"[[((new.a = 1) IS NOT TRUE) (new.b = (CASE WHEN new.c THEN 1 ELSE 2 END))]]"},
		{`declare v int := 1; begin for r in select 1 loop if r.x then raise exception 'x'; end if; end loop; return new; end`, "[[(LOOP) r.x]]"},
		{`begin if new.a < 0 then raise notice 'x'; end if; return new; end`, "[]"},
		{`begin begin insert into t values (1); exception when others then raise exception 'x'; end; if new.b then raise exception 'y'; end if; return new; end`, "[[(EXCEPTION)] [new.b]]"},
	} {
		got := [][]string{}
		for _, e := range effects(code(t, c.body)) {
			if e.insert != nil || e.caught {
				continue
			}
			var path []string
			for _, c := range e.path {
				path = append(path, c.is.String())
			}
			got = append(got, path)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.body, got, c.want)
		}
	}
}
