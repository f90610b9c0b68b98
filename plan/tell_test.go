package plan_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/plan"
)

// brim is a table t that holds so many rows and not one more.
type brim struct {
	name, parents, unique, columns string
	most                           int64
}

// fill fills the table to the brim, and asks for one row more.
func (x *brim) fill(t *testing.T) {
	make := func(rows int64) (*plan.Plan, error) {
		return build(fstest.MapFS{"b.yaml": {Data: fmt.Appendf(nil, "sower: 1\nname: test\ntables:\n%s  t: {rows: %d, unique: [%s], columns: {%s}}\n", x.parents, rows, x.unique, x.columns)}}, nil)
	}
	p, err := make(x.most)
	if err != nil {
		t.Fatal(err)
	}
	newWorld(t, p).check()
	var ps blueprint.Problems
	if _, err := make(x.most + 1); !errors.As(err, &ps) || len(ps) != 1 || !ps[0].HasMost || ps[0].Most != x.most {
		t.Errorf("a row more than %d gives %v", x.most, err)
	}
}

// TestKeysOfParents: a key that holds a key of several columns of the parent has a row for each of its rows.
func TestKeysOfParents(t *testing.T) {
	const enrolments = `  students: {rows: 5, columns: {id: sequence}}
  courses: {rows: 4, columns: {id: sequence}}
  enrolments: {rows: 12, unique: [[student_id, course_id]], columns: {student_id: {reference: students}, course_id: {reference: courses}, term: {pick: [1, 2]}}}
`
	const whole = "course_id: {reference: {table: enrolments, column: course_id}}, student_id: {cell: course_id.student_id}"
	for _, x := range []brim{
		{"as a whole", enrolments, "[student_id, course_id]", whole, 12},
		{"with a column more", enrolments, "[student_id, course_id, day]", whole + ", day: {pick: [a, b, c]}", 36},
		{"with a cell more of the parent", enrolments, "[student_id, course_id, term]", whole + ", term: {cell: course_id.term}", 12},
		{"by a virtual column", enrolments, "[student_id, course_id]", "of: {reference: {table: enrolments, column: course_id}, virtual: true}, course_id: {cell: of.course_id}, student_id: {cell: of.student_id}", 12},
		{"that matches", enrolments, "[student_id, course_id]", "student_id: {reference: students}, course_id: {reference: {table: enrolments, column: course_id, matching: {student_id: student_id}}}", 12},
		{"of a parent of one row", "  p: {rows: 1, columns: {a: {pick: [1, 2]}}}\n", "[a, b]", "a: {reference: {table: p, column: a}}, b: {pick: [1, 2, 3]}", 3},
	} {
		t.Run(x.name, x.fill)
	}
}

// TestOneForEachOfAKey: a part that has a row for each row of a parent is distinct by that one's key of several columns.
func TestOneForEachOfAKey(t *testing.T) {
	p, err := build(fstest.MapFS{"b.yaml": {Data: []byte(`sower: 1
name: test
tables:
  p: {rows: 12, unique: [[a, b]], columns: {a: {integer: {min: 1, max: 3}}, b: {integer: {min: 1, max: 4}}}}
  t:
    parts: {all: {each: p}}
    unique: [[a, b]]
    columns: {a: {cell: all.a}, b: {cell: all.b}}
`)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	newWorld(t, p).check()
}

// TestHalfAKeyTellsNothing: a part of the parent's key does not tell its rows apart.
func TestHalfAKeyTellsNothing(t *testing.T) {
	_, err := build(fstest.MapFS{"b.yaml": {Data: []byte(`sower: 1
name: test
tables:
  p: {rows: 12, unique: [[a, b]], columns: {a: {integer: {min: 1, max: 3}}, b: {integer: {min: 1, max: 4}}}}
  t: {rows: 12, unique: [[b, c]], columns: {b: {reference: {table: p, column: b}}, c: {pick: [1, 2]}}}
`)}}, nil)
	var ps blueprint.Problems
	if !errors.As(err, &ps) || len(ps) != 1 || ps[0].Most != 2 {
		t.Errorf("got %v", err)
	}
}
