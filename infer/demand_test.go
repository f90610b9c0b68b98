package infer

import (
	"fmt"
	"testing"
)

// What triggers' texts ask of other tables' rows.
func TestDemands(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`begin if new.kind not in (select k.name from kinds k) then raise exception 'no %', new.kind; end if; return new; end`,
			"[{ kinds [kind] [name] false []}]"},
		{`begin if not (NEW.kind in (select name from app.kinds)) then RAISE 'no'; end if; return new; end`,
			"[{app kinds [kind] [name] false []}]"},
		{`begin if exists (select 1 from posts p where p.id = new.post_id and p.room_id <> new.room_id) then raise exception 'x'; end if; return new; end`,
			"[{ posts [post_id room_id] [id room_id] false []}]"},
		{`begin if new.owner_id is not null and not exists (select from users where id = new.owner_id) then raise exception 'x'; end if; return new; end`,
			"[{ users [owner_id] [id] false []}]"},
		{`begin if not exists (select from members where user_id = new.user_id and team_id = new.team_id) then raise exception 'x'; end if; return new; end`,
			"[{ members [user_id team_id] [user_id team_id] true []}]"},
		{`declare v int; begin select team_id into v from users where id = new.user_id; if v <> new.team_id then raise exception 'x'; end if; return new; end`,
			"[{ users [user_id team_id] [id team_id] false []}]"},
		{`declare v int; begin v := (select u.team_id from users u where u.id = new.user_id limit 1); if new.team_id is distinct from v then raise exception 'x'; end if; return new; end`,
			"[{ users [user_id team_id] [id team_id] false []}]"},
		{`begin perform 1 from users where id = new.user_id; if not found then raise exception 'x'; end if; return new; end`,
			"[{ users [user_id] [id] true []}]"},
		{`create trigger t before insert on runs begin select raise(abort, 'x') where not exists (select 1 from users where id = new.user_id); end`,
			"[{ users [user_id] [id] true []}]"},
		{`create trigger t before insert on runs when new.kind not in (select name from kinds) begin select raise(fail, 'x'); end`,
			"[{ kinds [kind] [name] false []}]"},
		{`create trigger t before insert on runs begin select case when new.a <> (select a from users where id = new.user_id) then raise(rollback, 'x') end; end`,
			"[{ users [user_id a] [id a] false []}]"},
		{"declare r orders%rowtype; begin select * into r from orders where id = new.order_id; if r.state not in ('paid', 'sent') then raise exception 'x'; end if; return new; end",
			"[{ orders [order_id] [id] false [not (state NOT IN ('paid', 'sent'))]}]"},
		{"begin if not exists (select from wards where id = new.ward_id and open) then raise exception 'x'; end if; return new; end",
			"[{ wards [ward_id] [id] true [open]}]"},
		// Other ways to say it.
		{"<<f>> DECLARE \"R\" record; -- if not exists (select 1 from x where id = new.id) then raise exception 'x'\nBEGIN\n\tBEGIN\n\t\tSELECT * INTO STRICT \"R\" FROM app.orders AS o WHERE (o.id = NEW.\"order_id\"::bigint) FOR UPDATE;\n\t\tIF NOT (\"R\".state = ANY (ARRAY['paid'])) THEN RAISE EXCEPTION USING MESSAGE = $q$x; end$q$; END IF;\n\tEND;\n\tRETURN NEW;\nEND f;",
			"[{app orders [order_id] [id] false [(state IN ('paid'))]}]"},
		{`begin if exists (select from users where id = new.user_id) then return new; end if; raise exception 'x'; end`,
			"[{ users [user_id] [id] true []}]"},
		{`begin if exists (select from users where id = new.user_id) then null; else raise exception 'x'; end if; return new; end`,
			"[{ users [user_id] [id] true []}]"},
		{`begin if new.user_id is null then return new; end if; if not exists (select from users where id = new.user_id) then raise exception 'x'; end if; return new; end`,
			"[{ users [user_id] [id] false []}]"},
		{`declare n bigint; begin select count(*) into n from users u where u.id = new.user_id; if n = 0 then raise foreign_key_violation using message = 'x'; end if; return new; end`,
			"[{ users [user_id] [id] true []}]"},
		{`declare ok boolean := exists (select from users where id = new.user_id); begin if tg_op = 'INSERT' then if not ok then raise exception 'x'; end if; end if; return new; end`,
			"[{ users [user_id] [id] true []}]"},
		{`declare k integer := new.user_id; begin perform from users where id = k; if not found then raise sqlstate '23503'; end if; return new; end`,
			"[{ users [user_id] [id] true []}]"},
		{`declare s text; begin s := (select state from orders where id = new.order_id); case s when 'closed', 'void' then raise exception 'x'; else null; end case; return new; end`,
			"[{ orders [order_id] [id] false [not (state = 'closed')]} { orders [order_id] [id] false [not (state = 'void')]}]"},
		{`create trigger t before insert on runs begin select raise(abort, 'x') from users u where u.id = NEW.user_id and u.locked; end`,
			"[{ users [user_id] [id] false [not u.locked]}]"},
		{`create trigger t before insert on runs begin select case when new.kind is null then 1 when new.kind not in (select name from kinds) then raise(abort, 'x') end; end`,
			"[{ kinds [kind] [name] false []}]"},
		// What asks for nothing that a key could give.
		{`begin if exists (select from skipped where id = new.user_id) then return new; end if; if new.a > 5 then raise exception 'x'; end if; return new; end`, "[]"},
		{`begin if old.id is distinct from new.id and tg_op <> 'INSERT' and not exists (select 1 from users where id = new.user_id) then raise exception 'x'; end if; return new; end`, "[]"},
		{`create trigger t before insert on runs begin select raise(ignore) where not exists (select 1 from users where id = new.user_id); end`, "[]"},
		{`begin if exists (select 1 from users where id = new.user_id) then raise exception 'taken'; end if; return new; end`, "[]"},
		{`begin if new.kind in (select name from kinds) then raise exception 'x'; end if; return new; end`, "[]"},
		{`begin if tg_op = 'UPDATE' and not exists (select 1 from users where id = new.user_id) then raise exception 'x'; end if; return new; end`, "[]"},
		{`begin if not exists (select 1 from users where id = new.user_id) then new.user_id := 1; end if; return new; end`, "[]"},
		{`begin if not exists (select 1 from users where id = new.user_id) then raise notice 'x'; end if; return new; end`, "[]"},
		{`begin if not exists (select 1 from users u join teams t on t.id = u.team_id where u.id = new.user_id) then raise exception 'x'; end if; return new; end`, "[]"},
	} {
		got := []string{}
		for _, d := range demands(code(t, c.body)) {
			var wants []string
			for _, w := range d.wants {
				text := w.is.String()
				if w.not {
					text = "not " + text
				}
				wants = append(wants, text)
			}
			got = append(got, fmt.Sprintf("{%s %s %v %v %v %v}", d.schema, d.table, d.columns, d.refs, d.there, wants))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.body, got, c.want)
		}
	}
}
