package sqlite

import (
	"testing"

	"github.com/sowerdata/sower/column"
)

// A column of numeric affinity gives whole numbers back as integers and others as floating-point numbers: they
// are read as the decimals that they were, with as many digits as the values need.
func TestDecodeDecimals(t *testing.T) {
	v := new(column.Vec)
	v.Reset(column.Decimal)
	made := []struct {
		stored any
		text   string
	}{{int64(316), "316.000"}, {800.99, "800.990"}, {nil, ""}, {0.125, "0.125"}, {-5.5, "-5.500"}, {"7.25", "7.250"}}
	for _, c := range made {
		if err := appendStored(v, c.stored); err != nil {
			t.Errorf("%v: %v", c.stored, err)
		}
	}
	for i, c := range made {
		if v.Null(i) != (c.stored == nil) || c.stored != nil && v.String(i) != c.text {
			t.Errorf("%v became %s", c.stored, v.String(i))
		}
	}
	v.Reset(column.Decimal)
	v.AppendInt(1 << 60)
	if err := appendStored(v, 1e-10); err == nil {
		t.Errorf("a number of 29 digits fits: %s", v.String(0))
	}
}
