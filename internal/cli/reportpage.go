package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sowerdata/sower/internal/report"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

func reportFileFlag(cmd *cobra.Command, to *string, what string) {
	cmd.Flags().StringVar(to, "report-file", "", "also write "+what+" to `FILE`: a page for people where its name ends in .html, else JSON")
}

// isPage tells whether a report is to be a page.
func isPage(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".html" || ext == ".htm"
}

// writeReport writes the report of a run: as a page, for which the database is asked where it can be, or as JSON. The
// file is there whole or not at all.
func (a *app) writeReport(ctx context.Context, path string, store sink.Store, r *run.Report, t *report.Timeline, err error, stopped bool) error {
	var data []byte
	if isPage(path) {
		if stopped {
			store = nil
		}
		var failed error
		if data, failed = a.runPage(ctx, store, r, t, err, stopped); failed != nil {
			return errors.New(fileProblem("write the report", path, failed))
		}
	} else {
		text, failed := json.MarshalIndent(a.reportJSON(r, err, stopped), "", "  ")
		if failed != nil {
			return failed
		}
		data = []byte(shown.JSON(string(text) + "\n"))
	}
	return writeReportFile(path, data)
}

func writeReportFile(path string, data []byte) error {
	if err := writeWhole(path, data); err != nil {
		return errors.New(fileProblem("write the report", path, err))
	}
	return nil
}

// runPage is the report of a run as a page. store is nil where the database is not to be asked.
func (a *app) runPage(ctx context.Context, store sink.Store, r *run.Report, t *report.Timeline, err error, stopped bool) ([]byte, error) {
	if errors.As(err, new(*leftOutError)) {
		err = nil
	}
	in := &report.Input{Title: a.blueprintName(), State: stateOf(r, err, stopped), Report: r, Timeline: t, Store: store}
	if r.Plan != nil {
		in.Title, in.Plans = r.Plan.Blueprint.Name, []*plan.Plan{r.Plan}
	}
	if err != nil {
		in.Error = err.Error()
	}
	return a.page(ctx, in)
}

// verdictPage is a verification as a page.
func (a *app) verdictPage(ctx context.Context, store sink.Store, v *run.Verdict) ([]byte, error) {
	in := &report.Input{Title: a.blueprintName(), State: "verified", Plans: v.Plans, Verdict: v, Store: store}
	if len(v.Plans) > 0 {
		in.Title = v.Plans[0].Blueprint.Name
	}
	if v.Broken() > 0 {
		in.State = "broken"
	}
	return a.page(ctx, in)
}

// page writes a report without anything of the database's address that is secret.
func (a *app) page(ctx context.Context, in *report.Input) ([]byte, error) {
	in.Version, in.Written = version(), time.Now()
	var b bytes.Buffer
	err := report.Write(ctx, &b, in)
	return a.ui.out.secrets.clean(b.Bytes()), err
}

// noting passes events on, and keeps when tables were loaded.
type noting struct {
	view
	timeline *report.Timeline
}

func (v noting) event(e run.Event) {
	v.timeline.Event(e)
	v.view.event(e)
}
