package gen

import (
	"fmt"
	"strings"

	"github.com/sowerdata/sower/internal/rng"
)

// groupKey gives the key of what the columns of a group share: one of the table's. Without a group it is
// the column's own.
func (c *Context) groupKey(of, group string) (rng.Key, error) {
	if group == "" {
		return c.Key, nil
	}
	if c.TableKey == (rng.Key{}) {
		return rng.Key{}, fmt.Errorf("group %q: there is no table whose columns could share it", group)
	}
	return c.TableKey.Derive(of, group), nil
}

// unknown is the error for an argument that is none of those there are.
func unknown(what, name string, known ...string) error {
	last := len(known) - 1
	return fmt.Errorf("%s %q is unknown: %s or %s", what, name, strings.Join(known[:last], ", "), known[last])
}
