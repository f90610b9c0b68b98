package driver

import (
	"strings"
	"testing"

	"github.com/sowerdata/sower/sink"
)

func TestGuard(t *testing.T) {
	g := Guard{Allowed: []string{"myapp_dev"}}
	for name, ok := range map[string]bool{
		"genonaut_demo": true, "x_test": true, "myapp_dev": true,
		"genonaut": false, "": false, "demo": false, "x_Demo": false, "x_demo ": false, "x_demo\n": false, "x_demo2": false,
		"myapp_dev2": false, "myapp": false, "MYAPP_DEV": false, "x_test.db": false, "x_demo\x00y": false,
	} {
		if err := g.Check(name); (err == nil) != ok {
			t.Errorf("check(%q): %v", name, err)
		}
	}
	if err := (&Guard{Allowed: []string{""}}).Check(""); err == nil {
		t.Error("the empty name is allowed")
	}
}

// A superuser of another machine's server is let through by a flag alone; a standby never.
func TestRisks(t *testing.T) {
	for _, c := range []struct {
		risks sink.Risks
		guard Guard
		want  string
	}{
		{sink.Risks{}, Guard{}, ""},
		{sink.Risks{Superuser: "postgres"}, Guard{}, ""},
		{sink.Risks{Remote: "10.0.0.1:5432"}, Guard{}, ""},
		{sink.Risks{Superuser: "postgres", Remote: "10.0.0.1:5432"}, Guard{}, `the role "postgres" is a superuser, and the server (10.0.0.1:5432) is another machine's`},
		{sink.Risks{Superuser: "postgres", Remote: "10.0.0.1:5432"}, Guard{Superuser: true}, ""},
		{sink.Risks{Standby: true}, Guard{Superuser: true, Allowed: []string{"x"}}, "the server is a standby"},
	} {
		err := c.guard.checkRisks(&c.risks)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v, %+v: %v", c.risks, c.guard, err)
		}
	}
}
