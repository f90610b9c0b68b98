package infer

import (
	"fmt"
	"testing"
)

// What triggers' texts ask of other tables' rows.
func TestDemands(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`begin if new.kind not in (select k.name from kinds k) then raise exception 'no %', new.kind; end if; return new; end`,
			"[{kinds [kind] [name] false []}]"},
		{`begin if not (NEW.kind in (select name from app.kinds)) then RAISE 'no'; end if; return new; end`,
			"[{app.kinds [kind] [name] false []}]"},
		{`begin if exists (select 1 from posts p where p.id = new.post_id and p.room_id <> new.room_id) then raise exception 'x'; end if; return new; end`,
			"[{posts [post_id room_id] [id room_id] false []}]"},
		{`begin if new.owner_id is not null and not exists (select from users where id = new.owner_id) then raise exception 'x'; end if; return new; end`,
			"[{users [owner_id] [id] false []}]"},
		{`begin if not exists (select from members where user_id = new.user_id and team_id = new.team_id) then raise exception 'x'; end if; return new; end`,
			"[{members [user_id team_id] [user_id team_id] true []}]"},
		{`declare v int; begin select team_id into v from users where id = new.user_id; if v <> new.team_id then raise exception 'x'; end if; return new; end`,
			"[{users [user_id team_id] [id team_id] false []}]"},
		{`declare v int; begin v := (select u.team_id from users u where u.id = new.user_id limit 1); if new.team_id is distinct from v then raise exception 'x'; end if; return new; end`,
			"[{users [user_id team_id] [id team_id] false []}]"},
		{`begin perform 1 from users where id = new.user_id; if not found then raise exception 'x'; end if; return new; end`,
			"[{users [user_id] [id] true []}]"},
		{`create trigger t before insert on runs begin select raise(abort, 'x') where not exists (select 1 from users where id = new.user_id); end`,
			"[{users [user_id] [id] true []}]"},
		{`create trigger t before insert on runs when new.kind not in (select name from kinds) begin select raise(fail, 'x'); end`,
			"[{kinds [kind] [name] false []}]"},
		{`create trigger t before insert on runs begin select case when new.a <> (select a from users where id = new.user_id) then raise(rollback, 'x') end; end`,
			"[{users [user_id a] [id a] false []}]"},
		{"declare r orders%rowtype; begin select * into r from orders where id = new.order_id; if r.state not in ('paid', 'sent') then raise exception 'x'; end if; return new; end",
			"[{orders [order_id] [id] false [{state not in ('paid', 'sent') true}]}]"},
		{"begin if not exists (select from wards where id = new.ward_id and open) then raise exception 'x'; end if; return new; end",
			"[{wards [ward_id] [id] true [{open false}]}]"},
		// What asks for nothing that a key could give.
		{`begin if exists (select 1 from users where id = new.user_id) then raise exception 'taken'; end if; return new; end`, "[]"},
		{`begin if new.kind in (select name from kinds) then raise exception 'x'; end if; return new; end`, "[]"},
		{`begin if tg_op = 'UPDATE' and not exists (select 1 from users where id = new.user_id) then raise exception 'x'; end if; return new; end`, "[]"},
		{`begin if not exists (select 1 from users where id = new.user_id) then new.user_id := 1; end if; return new; end`, "[]"},
		{`begin if not exists (select 1 from users where id = new.user_id) then raise notice 'x'; end if; return new; end`, "[]"},
		{`begin if not exists (select 1 from users u join teams t on t.id = u.team_id where u.id = new.user_id) then raise exception 'x'; end if; return new; end`, "[]"},
	} {
		got := demands(c.body)
		if got == nil {
			got = []demand{}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.body, got, c.want)
		}
	}
}
