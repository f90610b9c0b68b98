package infer

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// listed lets a column have some values alone.
func listed(t *schema.Table, column string, values ...string) *schema.Table {
	t.Checks = append(t.Checks, &schema.Check{Name: t.Name + "_" + column + "_check", Columns: []string{column}, Expression: "(" + column + " in ('" + strings.Join(values, "', '") + "'))"})
	return t
}

// TestDeeds: what is done, it is done to what has come to it, by those who belong there, on the hours that are usual.
func TestDeeds(t *testing.T) {
	people := keyed(tableOf("people", "id", integerType, "name", textType))
	boards := keyed(tableOf("boards", "id", integerType, "name", textType))
	members := unique(refers(refers(keyed(tableOf("board_members", "id", integerType, "board_id", integerType, "person_id", integerType)), "board_id", "boards"), "person_id", "people"), "board_id person_id")
	lists := refers(keyed(tableOf("lists", "id", integerType, "board_id", integerType)), "board_id", "boards")
	votes := unique(refers(refers(tableOf("ballots", "list_id", integerType, "person_id", integerType), "list_id", "lists"), "person_id", "people"), "list_id person_id")
	tasks := listed(refers(refers(keyed(tableOf("tasks", "id", integerType, "board_id", integerType, "state", textType, "finished_at?", momentType, "finished_by?", integerType, "created_at", momentType)), "board_id", "boards"),
		"finished_by", "people"), "state", "open", "running", "finished")
	stories := listed(keyed(tableOf("stories", "id", integerType, "status", textType, "published_at?", momentType, "comments_count", integerType, "created_at", momentType)), "status", "draft", "published", "archived")
	comments := refers(keyed(tableOf("comments", "id", integerType, "story_id", integerType, "created_at", momentType)), "story_id", "stories")
	viewings := keyed(tableOf("viewings", "id", integerType, "starts_at", momentType, "ends_at", momentType, "created_at", momentType))
	moves := refers(refers(keyed(tableOf("moves", "id", integerType, "old_list_id?", integerType, "new_list_id", integerType)), "old_list_id", "lists"), "new_list_id", "lists")
	few, many := int64(80), map[string]int64{"board_members": 300}
	r, err := Infer(t.Context(), database(people, boards, members, lists, votes, tasks, stories, comments, viewings, moves), Options{Rows: &few, TableRows: many})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Lowered)+len(r.Skipped) > 0 {
		t.Fatalf("lowered %v, skipped %v", r.Lowered, r.Skipped)
	}
	cells := map[string][]map[string]string{}
	for _, tb := range r.Plan.Tables {
		var m rows.Maker
		b, err := m.Batch(tb, tb.Out, 0, int(tb.Rows))
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.N {
			row := map[string]string{}
			for j, v := range b.Vecs {
				row[plan.Names(tb.Out)[j]] = v.String(i)
			}
			cells[tb.Name] = append(cells[tb.Name], row)
		}
	}
	find := func(table string, of map[string]string) map[string]string {
		at := slices.IndexFunc(cells[table], func(row map[string]string) bool {
			for k, v := range of {
				if row[k] != v {
					return false
				}
			}
			return true
		})
		if at < 0 {
			return nil
		}
		return cells[table][at]
	}
	for _, v := range cells["ballots"] {
		if list := find("lists", map[string]string{"id": v["list_id"]}); find("board_members", map[string]string{"board_id": list["board_id"], "person_id": v["person_id"]}) == nil {
			t.Errorf("%v is by somebody who is no member of board %s", v, list["board_id"])
		}
	}
	finished := 0
	for _, x := range cells["tasks"] {
		is := x["state"] == "finished"
		if is {
			finished++
		}
		if is != (x["finished_by"] != "") || is != (x["finished_at"] != "") {
			t.Errorf("%v: who finished it is not known where it is", x)
		}
		if is && find("board_members", map[string]string{"board_id": x["board_id"], "person_id": x["finished_by"]}) == nil {
			t.Errorf("%v is finished by somebody who is no member", x)
		}
	}
	if finished == 0 || finished == len(cells["tasks"]) {
		t.Errorf("%d of %d tasks are finished", finished, len(cells["tasks"]))
	}
	for _, x := range cells["comments"] {
		if s := find("stories", map[string]string{"id": x["story_id"]}); s["published_at"] == "" || s["published_at"] > x["created_at"] {
			t.Errorf("%v is on %v", x, s)
		}
	}
	drafts := 0
	for _, s := range cells["stories"] {
		if s["status"] == "draft" {
			drafts++
		}
	}
	if drafts == 0 {
		t.Error("no story is a draft")
	}
	for _, x := range cells["viewings"] {
		if hour, minute := x["starts_at"][11:13], x["starts_at"][14:16]; !slices.Contains([]string{"00", "15", "30", "45"}, minute) || hour < "07" || hour > "19" || x["created_at"] > x["starts_at"] || x["ends_at"] < x["starts_at"] {
			t.Errorf("%v is not agreed upon", x)
		}
	}
	moved := 0
	for _, x := range cells["moves"] {
		if x["old_list_id"] == x["new_list_id"] {
			t.Errorf("%v goes nowhere", x)
		}
		if x["old_list_id"] != "" {
			moved++
		}
	}
	if moved < len(cells["moves"])/2 {
		t.Errorf("%d of %d moves come from somewhere", moved, len(cells["moves"]))
	}
}

// TestGone: nothing is done to what is deleted, in the tables that tell of it, and a post is seen as often as it is answered.
func TestGone(t *testing.T) {
	owners := keyed(tableOf("keepers", "id", integerType, "created_at", momentType, "deleted_at?", momentType))
	loans := refers(keyed(tableOf("loans", "id", integerType, "keeper_id", integerType, "created_at", momentType)), "keeper_id", "keepers")
	visits := refers(keyed(tableOf("visits", "id", integerType, "keeper_id", integerType, "visited_at", momentType)), "keeper_id", "keepers")
	posts := keyed(tableOf("posts", "id", integerType, "views", integerType, "replies_count", integerType))
	replies := refers(keyed(tableOf("replies", "id", integerType, "post_id", integerType)), "post_id", "posts")
	r := infer(t, database(owners, loans, visits, posts, replies))
	rows := func(table string) (out []map[string]string) {
		cells := cells(t, r.Plan, table)
		for name, text := range cells {
			for i, v := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
				if len(out) <= i {
					out = append(out, map[string]string{})
				}
				out[i][name] = v
			}
		}
		return out
	}
	deleted := map[string]string{}
	for _, row := range rows("keepers") {
		if row["deleted_at"] != "null" && row["deleted_at"] != "" {
			deleted[row["id"]] = row["deleted_at"]
		}
	}
	if len(deleted) == 0 {
		t.Error("nobody is deleted")
	}
	for table, at := range map[string]string{"loans": "created_at", "visits": "visited_at"} {
		for _, row := range rows(table) {
			if end := deleted[row["keeper_id"]]; end != "" && row[at] > end {
				t.Errorf("%s: %v, of somebody deleted on %s", table, row, end)
			}
		}
	}
	for _, row := range rows("posts") {
		views, _ := strconv.Atoi(row["views"])
		answers, _ := strconv.Atoi(row["replies_count"])
		if views < answers {
			t.Errorf("%v is seen less than it is answered", row)
		}
	}
}
