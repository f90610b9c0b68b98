package studio

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sowerdata/sower/blueprint"
	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/diagram"
	"github.com/sowerdata/sower/internal/shown"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/run"
	"github.com/sowerdata/sower/sink"
)

// Options say what a Workbench works on.
type Options struct {
	Title    string
	Database string // name and kind, for people; "" for none
	Seed     uint64
	Text     []byte               // of the blueprint
	File     string               // that Text came from and is saved to; "" for none
	Reasons  map[[2]string]Reason // of an inferred blueprint, by table and column
	Given    map[string]bool      // parameters whose values the text does not say
	// Plan plans a text. Its error is of type blueprint.Problems where the text is wrong.
	Plan func(ctx context.Context, text []byte) (*plan.Plan, error)
	// Early plans only what has changed in a text since one was planned whole, and the tables that this reads, where
	// that is much less: its rows can be looked at before all is planned. nil where it does not apply.
	Early func(ctx context.Context, text []byte) *plan.Plan
	// Fill fills the database with the rows of a text. nil where there is none that may be filled.
	Fill func(ctx context.Context, text []byte, progress func(run.Event)) (*run.Report, error)
	// Report writes the page that tells what the last run came to.
	Report func(ctx context.Context) ([]byte, error)
	// Store is the database, which is only read: what it holds. nil for none.
	Store sink.Store
	// Rested is called some time after a text was planned whole and no other came: what its plan has replaced is garbage
	// by then. nil for nobody.
	Rested func()
	// WhyNot says why Fill is nil.
	WhyNot string
}

// Reason is why a column was given its generator.
type Reason struct {
	Why        string
	Confidence float64   // 0 to 1
	Readings   []Reading // it and what else was thought of
}

// Workbench holds a blueprint while a person edits it. Its methods may be called at once.
type Workbench struct {
	options Options

	mu       sync.Mutex
	text     []byte
	saved    []byte // as the file has it
	version  int64  // of the text
	outside  int64  // texts that came from the file
	planned  planned
	state    int64              // rises with what there is to see
	changed  chan struct{}      // closed when it does
	abandon  context.CancelFunc // ends the planning that is under way
	reread   int64              // the state in which the text last came from the file
	running  *filling
	inferred map[[2]string]string // generators of the first plan, by table and column

	planning sync.Mutex // one text is planned at a time
}

// planned is what came of texts.
type planned struct {
	whole    *plan.Plan // nil: no text could be planned yet
	version  int64      // of the text that it is of
	took     time.Duration
	tables   []Table          // of it
	seen     []Table          // they, with those of early in their places
	since    map[string]int64 // by table of seen: the state in which it came to be as it is
	early    *plan.Plan       // of tables of a later text, until that is planned whole; nil for none
	shown    int64            // rises with whole and early
	settled  int64            // version of the text that whole, or problems, are of
	problems []Problem
}

// New makes a workbench and plans its text.
func New(ctx context.Context, o Options) *Workbench {
	w := &Workbench{options: o, text: o.Text, changed: make(chan struct{})}
	if o.File != "" {
		w.saved = o.Text
	}
	w.Edit(ctx, string(o.Text))
	return w
}

// maxText is the size of a blueprint's text, in bytes.
const maxText = 16 << 20

// Edit sets the text, plans it and gives what came of it. Of several texts that wait, only the last is planned.
func (w *Workbench) Edit(ctx context.Context, text string) *Model {
	w.edit(ctx, text, false, func() {})
	return w.Model()
}

// Begin is Edit that does not wait for all of the plan, where some of it is enough to see what has changed, and gives what
// is new since a state.
func (w *Workbench) Begin(ctx context.Context, text string, state int64) *Model {
	early := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.edit(ctx, text, false, func() { close(early) })
	}()
	select {
	case <-early:
	case <-done:
	}
	return w.News(state)
}

// edit plans a text; early is called once, at most, when some of it is planned.
func (w *Workbench) edit(ctx context.Context, text string, outside bool, early func()) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	data := []byte(text)
	w.mu.Lock()
	w.text = data
	w.version++
	if outside {
		w.outside++
		w.reread = w.state + 1
	}
	version, known := w.version, w.planned.whole != nil
	if w.abandon != nil {
		w.abandon()
	}
	w.abandon = cancel
	w.mu.Unlock()

	if known && w.options.Early != nil {
		if p := w.options.Early(ctx, data); p != nil && w.keepEarly(p, version) {
			early()
		}
	}
	w.planning.Lock()
	defer w.planning.Unlock()
	if w.latest() != version {
		return
	}
	started := time.Now()
	p, err := w.options.Plan(ctx, data)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil && w.version != version { // it was abandoned
		return
	}
	w.planned.problems = problemsOf(err)
	if err == nil {
		w.planned.whole, w.planned.version, w.planned.took, w.planned.early = p, version, time.Since(started), nil
		w.planned.tables = tablesOf(p)
		w.explain(w.planned.tables)
		w.look(w.planned.tables)
	}
	w.planned.settled = version
	w.see()
	if w.options.Rested != nil {
		time.AfterFunc(rest, func() {
			if w.latest() == version {
				w.options.Rested()
			}
		})
	}
}

// rest is how long no text comes before the workbench is at rest.
const rest = 500 * time.Millisecond

// keepEarly shows a plan of some tables, unless the text is another one by now.
func (w *Workbench) keepEarly(p *plan.Plan, version int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.version != version {
		return false
	}
	w.planned.early = p
	w.look(w.withEarly())
	w.see()
	return true
}

// look takes over the tables that are to be seen next.
func (w *Workbench) look(tables []Table) {
	before := make(map[string]*Table, len(tables))
	for i := range w.planned.seen {
		before[w.planned.seen[i].Name] = &w.planned.seen[i]
	}
	since := make(map[string]int64, len(tables))
	for i := range tables {
		name := tables[i].Name
		since[name] = w.planned.since[name]
		if old := before[name]; old == nil || !reflect.DeepEqual(*old, tables[i]) {
			since[name] = w.state + 1
		}
	}
	w.planned.seen, w.planned.since = tables, since
	w.planned.shown++
}

// see tells those who wait that there is something new to see.
func (w *Workbench) see() {
	w.state++
	close(w.changed)
	w.changed = make(chan struct{})
}

// Saved is the text as its file has it; before it has a file, as it was in the beginning.
func (w *Workbench) Saved() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.options.File == "" {
		return string(w.options.Text)
	}
	return string(w.saved)
}

func (w *Workbench) latest() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.version
}

// Model gives what the page shows.
func (w *Workbench) Model() *Model {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.model()
}

// News gives what the page shows, without what is as it was in a state: tables, and a text that the page has sent itself.
func (w *Workbench) News(state int64) *Model {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.model()
	if state == 0 {
		return m
	}
	m.Tables = slices.DeleteFunc(slices.Clone(m.Tables), func(t Table) bool { return w.planned.since[t.Name] <= state })
	if w.reread <= state {
		m.Text = ""
	}
	return m
}

func (w *Workbench) model() *Model {
	o := &w.options
	m := &Model{
		Version: w.version, Planned: w.planned.version, State: w.state, Shown: w.planned.shown, Outside: w.outside, Pending: w.planned.settled != w.version, Title: o.Title, Database: o.Database, File: o.File, Text: string(w.text),
		Unsaved: string(w.saved) != string(w.text), CanFill: o.Fill != nil, WhyNot: o.WhyNot,
		Seed: strconv.FormatUint(o.Seed, 10), Names: []string{}, Tables: []Table{}, Parameters: []Parameter{}, Problems: w.planned.problems, Notices: []string{},
		PlannedIn: float64(w.planned.took.Microseconds()) / 1000,
	}
	if m.Problems == nil {
		m.Problems = []Problem{}
	}
	if w.planned.whole != nil {
		m.Tables = w.planned.seen
		for _, t := range m.Tables {
			m.Names = append(m.Names, t.Name)
		}
		for _, p := range w.planned.whole.Blueprint.Parameters {
			m.Parameters = append(m.Parameters, Parameter{
				Name: shown.Text(p.Name), Value: shown.Text(fmt.Sprint(p.Value)), Help: shown.Text(p.Help), Given: w.options.Given[p.Name],
			})
		}
		for _, n := range w.planned.whole.Notices {
			m.Notices = append(m.Notices, shown.Text(n))
		}
	}
	return m
}

// explain says why columns were given their generators, as long as they have these.
func (w *Workbench) explain(tables []Table) {
	first := w.inferred == nil
	if first {
		w.inferred = map[[2]string]string{}
	}
	for _, t := range tables {
		for i := range t.Columns {
			c := &t.Columns[i]
			at := [2]string{t.Name, c.Name}
			now := strings.Join(c.Generators, "\n")
			if first {
				w.inferred[at] = now
			}
			if r, ok := w.options.Reasons[at]; ok && c.Why == "" && w.inferred[at] == now {
				c.Why, c.Confidence = shown.Text(r.Why), r.Confidence
			}
		}
	}
}

// problemsOf gives what is wrong with a text as the page shows it.
func problemsOf(err error) (out []Problem) {
	var ps blueprint.Problems
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &ps):
		return []Problem{{Message: shown.Text(err.Error())}}
	}
	for _, p := range ps {
		out = append(out, Problem{
			Line: p.Pos.Line, Column: p.Pos.Column, Message: shown.Text(p.Message), Hint: shown.Text(p.Suggestion),
			Table: shown.Text(p.Table),
		})
	}
	return out
}

// Save writes the text to its file, or to a new one in the working directory that is called name. A file that is there
// already and is another than the workbench's own is not overwritten, nor one that somebody else has changed.
func (w *Workbench) Save(name string) (*Saved, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name == "" || name == w.options.File {
		if w.options.File == "" {
			return nil, errors.New("the blueprint has no file yet: name one")
		}
		onDisk, err := os.ReadFile(w.options.File)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil && string(onDisk) != string(w.saved) {
			return nil, fmt.Errorf("%s was changed by another program meanwhile: reload it first, or save under another name",
				w.options.File)
		}
		return w.write(w.options.File, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	}
	if !filepath.IsLocal(name) || strings.ContainsAny(name, `\`) {
		return nil, fmt.Errorf("%q: name a file in the folder that sower was started in, or below it", name)
	}
	if ext := filepath.Ext(name); ext != ".yaml" && ext != ".yml" {
		name += ".yaml"
	}
	return w.write(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
}

func (w *Workbench) write(name string, how int) (*Saved, error) {
	f, err := os.OpenFile(name, how, 0o666)
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("%s is there already: choose another name", name)
		}
		return nil, err
	}
	_, err = f.Write(w.text)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	w.saved, w.options.File = w.text, name
	return &Saved{File: name}, nil
}

// Watch reloads the file whenever another program has changed it, and no edit is unsaved, until the context ends.
func (w *Workbench) Watch(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if text, ok := w.onDisk(); ok {
			w.edit(ctx, text, true, func() {})
		}
	}
}

// onDisk gives the file's text where it is another than the one that was saved and nothing is unsaved.
func (w *Workbench) onDisk() (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.options.File == "" || string(w.saved) != string(w.text) {
		return "", false
	}
	data, err := os.ReadFile(w.options.File)
	if err != nil || len(data) > maxText || string(data) == string(w.saved) {
		return "", false
	}
	w.saved = data
	return string(data), true
}

// Wait gives what is new since a state once there is a later one; nil when the context ends before.
func (w *Workbench) Wait(ctx context.Context, state int64) *Model {
	for {
		w.mu.Lock()
		changed, now := w.changed, w.state
		w.mu.Unlock()
		if now != state {
			return w.News(state)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

func tablesOf(p *plan.Plan) []Table {
	out := make([]Table, 0, len(p.Tables))
	children := map[string][]string{}
	units := map[int]int{}
	for _, t := range p.Tables {
		units[t.Unit]++
		for _, parent := range t.Parents {
			children[parent.Name] = append(children[parent.Name], shown.Text(t.Name))
		}
	}
	for i, t := range p.Tables {
		x := Table{
			Name: shown.Text(t.Name), Rows: t.Rows, Standing: t.Standing, Cyclic: units[t.Unit] > 1, Step: i + 1,
			Parents: []string{}, Children: append([]string{}, children[t.Name]...), Columns: []Column{},
		}
		for _, parent := range t.Parents {
			x.Parents = append(x.Parents, shown.Text(parent.Name))
		}
		if t.Schema != nil {
			x.Comment, x.Holds = shown.Text(t.Schema.Comment), t.Schema.HasRows
		}
		for _, c := range t.Out {
			x.Columns = append(x.Columns, columnOf(t, c))
		}
		out = append(out, x)
	}
	return out
}

func columnOf(t *plan.Table, c *plan.Column) Column {
	out := Column{
		Name: shown.Text(c.Name), Type: c.Kind.String(), Numeric: c.Kind == column.Int || c.Kind == column.Float || c.Kind == column.Decimal, Unique: c.Unique,
		Key: c == t.Key, Nullable: true, Generators: []string{}, Parts: []string{}, Why: shown.Text(c.Why), Inputs: []string{},
	}
	if t.Schema != nil {
		if s := t.Schema.Column(c.Name); s != nil {
			out.Type, out.Nullable = shown.Text(diagram.TypeText(s.Type)), !s.NotNull
		}
		out.Key = out.Key || t.Schema.PrimaryKey != nil && slices.Contains(t.Schema.PrimaryKey.Columns, c.Name)
	}
	if c.Link != nil && c.Link.Target != nil {
		out.Parent = shown.Text(c.Link.Target.Name)
	}
	if n := c.Shared(); n != nil {
		out.Generators = append(out.Generators, shown.Text(n.Fill.String()))
	} else {
		for i, n := range c.Nodes {
			out.Generators = append(out.Generators, shown.Text(n.Fill.String()))
			out.Parts = append(out.Parts, shown.Text(t.Parts[i].Name))
		}
	}
	seen := map[string]bool{}
	for _, n := range c.Nodes {
		for _, in := range n.Reads() {
			name := in.Column.Name
			if in.Column.Table != t {
				name = in.Column.Table.Name + "." + name
			}
			if !seen[name] && in.Column.Target == nil {
				seen[name] = true
				out.Inputs = append(out.Inputs, shown.Text(name))
			}
		}
	}
	return out
}
