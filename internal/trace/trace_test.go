package trace_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/sowerdata/sower/internal/trace"
)

// Spans lie on the lanes of their contexts, within one another as they were begun.
func TestTrace(t *testing.T) {
	trace.Of(t.Context()).Begin("nobody", "")() // there is none
	tr := trace.New()
	ctx := trace.With(t.Context(), tr, "run")
	end := trace.Of(ctx).Begin("data", "")
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			ctx := trace.On(ctx, fmt.Sprintf("worker %d", i+1))
			outer := trace.Of(ctx).Begin("write", "users")
			trace.Of(ctx).Begin("encode", "")()
			outer()
		})
	}
	wg.Wait()
	end()
	data, err := tr.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		TraceEvents []struct {
			Name, Ph string
			Ts, Dur  float64
			Tid      int
			Args     map[string]string
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	lanes := map[int]string{}
	var spans []string
	within := map[int][2]float64{}
	for _, e := range got.TraceEvents {
		switch {
		case e.Ph == "M":
			lanes[e.Tid] = e.Args["name"]
			continue
		case e.Name == "encode":
			within[e.Tid] = [2]float64{e.Ts, e.Ts + e.Dur}
		case e.Name == "write":
			if in := within[e.Tid]; in[0] < e.Ts || in[1] > e.Ts+e.Dur || e.Args["of"] != "users" {
				t.Errorf("%+v, within it %v", e, in)
			}
		}
		spans = append(spans, lanes[e.Tid]+" "+e.Name)
	}
	all := strings.Join(spans, ", ")
	for _, want := range []string{"run data", "worker 1 write", "worker 2 encode", "worker 3 write"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
	if len(spans) != 7 {
		t.Errorf("%d spans", len(spans))
	}
	if trace.With(context.Background(), nil, "x") != context.Background() {
		t.Error("a context without a trace is not the same")
	}
}
