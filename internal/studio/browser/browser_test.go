// Package browser tries the page of sower studio, and that of sower inspect, in a real browser.
package browser

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	_ "modernc.org/sqlite"

	"github.com/sowerdata/sower/internal/cli"
	"github.com/sowerdata/sower/internal/pgtest"
)

// programVariable makes this test binary the program itself.
const programVariable = "SOWER_BROWSER_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
	}
	os.Exit(pgtest.Main(m))
}

const shop = `
	create table customers (id integer primary key, name varchar(80) not null, email varchar(120) not null unique, joined_at timestamp not null);
	create table orders (id integer primary key, customer_id integer not null references customers (id),
		status varchar(20) not null check (status in ('open', 'paid', 'sent')), quantity integer not null check (quantity between 1 and 9),
		placed_at timestamp not null, note varchar(200));
	create table "<img src=x onerror=alert(1)>" (id integer primary key, "<b>bold</b>" varchar(40));`

// program starts sower in a folder and gives the address that it prints.
func program(t *testing.T, folder string, args ...string) string {
	t.Helper()
	address, _ := programPID(t, folder, args...)
	return address
}

// programPID is program with the number of its process.
func programPID(t *testing.T, folder string, args ...string) (address string, pid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = folder
	cmd.Env = []string{programVariable + "=1", "HOME=/", "TERM=dumb"}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), cmd.Process.Pid
}

// page is a page in a browser, with what it complained of.
type page struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	faults []string
}

// open opens an address in a browser of its own.
func open(t *testing.T, url string, width, height int) *page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.WindowSize(width, height), chromedp.Flag("disable-gpu", true))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	p := &page{t: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			p.fault("exception: " + fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.Exception))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				p.fault(fmt.Sprintf("console: %s", e.Args[0].Value))
			}
		case *log.EventEntryAdded:
			p.fault("log: " + e.Entry.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.Navigate(url))
	t.Cleanup(func() {
		for _, f := range p.faults {
			t.Error(f)
		}
	})
	return p
}

func (p *page) fault(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, text)
}

func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// eval gives the value of an expression in the page.
func eval[T any](p *page, js string) T {
	p.t.Helper()
	out, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return out
}

// until waits until an expression is true in the page.
func (p *page) until(what, js string) {
	p.t.Helper()
	ended := time.Now().Add(60 * time.Second)
	for !eval[bool](p, "!!("+js+")") {
		if time.Now().After(ended) {
			p.t.Fatalf("%s: not within a minute (%s); the page shows:\n%s", what, js, eval[string](p, "document.body.innerText"))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// click clicks the first element of a selector that has a text.
func (p *page) click(selector, text string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(%q)].find(e => e.textContent.trim().startsWith(%q))`, selector, text)
	p.until(fmt.Sprintf("%s with %q", selector, text), find)
	eval[bool](p, "("+find+".click(), true)")
}

// write writes into the field of a form that has this name, as a person would, and leaves it.
func (p *page) write(name, text string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll(".form label")].find(l => l.textContent.trim().startsWith(%q))?.querySelector("input")`, name)
	p.until("the field "+name, find)
	eval[bool](p, "(e => { e.id = 'written'; e.value = ''; return true })("+find+")")
	p.do(chromedp.SendKeys("#written", text+kb.Tab))
}

const (
	heading  = `document.querySelector(".head h2")?.textContent`
	rowsSeen = `[...document.querySelectorAll(".grid tbody tr:not(.stale)")]`
)

// A person opens the page, looks, changes, saves, fills: each step as it is meant to be.
func TestStudio(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "shop_demo.db")
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(shop); err != nil {
			t.Fatal(err)
		}
		walk(t, "sqlite:"+path, func(query string) (n int) {
			if err := db.QueryRow(query).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}, func(text string) {
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		})
	})
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		const name = "browser_shop_test"
		if err := s.CreateDatabase(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RunPsql(t.Context(), name, shop); err != nil {
			t.Fatal(err)
		}
		walk(t, s.URL(name), func(query string) (n int) {
			out, err := s.RunPsql(t.Context(), name, query)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Sscan(out, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}, func(text string) {
			if _, err := s.RunPsql(t.Context(), name, text); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func walk(t *testing.T, url string, count func(query string) int, change func(sql string)) {
	folder := t.TempDir()
	address := program(t, folder, "studio", "--database-url", url, "--rows", "200", "--rows", "customers=40")
	p := open(t, address, 1440, 900)

	// Tables, and a hostile name as text.
	p.until("the tables", `document.querySelectorAll(".tables li").length === 3`)
	if !eval[bool](p, `document.querySelector(".tables").textContent.includes("<img src=x onerror=alert(1)>") && !document.querySelector("img")`) {
		t.Error("a hostile name is not shown as text")
	}

	// Ctrl-K finds a table.
	p.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.until("a field to search in", `document.activeElement?.matches(".palette input")`)
	p.do(chromedp.SendKeys(".palette input", "ordr"+kb.Enter))
	p.until("orders are chosen", heading+` === "orders"`)
	p.until("rows", rowsSeen+`.length > 10`)

	// To the last row by the keyboard.
	p.do(chromedp.Focus(".grid"), chromedp.KeyEvent(kb.End))
	p.until("the last row", rowsSeen+`.some(r => r.cells[0].textContent === "199" && r.cells[1].textContent === "200")`)

	// A reference leads to its parent.
	value := eval[string](p, `document.querySelector(".grid tbody td .link").textContent`)
	p.click(".grid tbody td .link", value)
	p.until("the parent", heading+` === "customers"`)
	p.until("its row is marked", `document.querySelector(".grid tr.marked:not(.stale) td:nth-child(2)")?.textContent === "`+value+`"`)

	// And its row to those that refer to it.
	p.click(".grid tr.marked td", "")
	p.until("the cell", `document.querySelector(".cell .value")?.textContent === "`+value+`"`)
	p.click(".child button", "▸ orders")
	p.until("its orders", `document.querySelectorAll(".child .link").length > 0 && /: \d+ rows?$/.test(document.querySelector(".child .soft").textContent)`)
	p.click(".child .link", "")
	p.until("an order", heading+` === "orders"`)
	p.until("it refers to the customer", `document.querySelector(".grid tr.marked:not(.stale) td .link")?.textContent === "`+value+`"`)
	p.click(".grid tr.marked td:nth-child(3)", value)
	p.until("what the cell is made of", `[...document.querySelectorAll(".cell .inputs .link")].some(e => e.textContent.startsWith("row "))`)

	// A column: what makes it, and a change by the form, seen in rows and text; comments stay.
	p.click(".tables button", "orders")
	p.click(".grid th button", "placed_at")
	p.until("the panel of a time", `document.querySelector(".panel h2")?.textContent === "orders.placed_at"`)
	p.until("other readings", `document.querySelectorAll(".readings li code").length > 0`)
	eval[bool](p, `(document.querySelector(".readings").open = true)`)
	reading, made := eval[string](p, `document.querySelector(".readings li:has(button) code").textContent`), eval[string](p, `document.querySelector(".panel .generator").textContent`)
	p.click(".readings li button", "take it")
	p.until("another reading is taken", `document.querySelector(".panel .generator").textContent !== `+strconv.Quote(made)+
		` && ![...document.querySelectorAll(".readings code")].some(e => e.textContent === `+strconv.Quote(reading)+`)`)
	p.until("its plot", `document.querySelector(".panel .plot rect") && !document.querySelector(".status .error")`)
	p.click(`.top button[aria-label="undo"]`, "")
	p.until("the first reading is back", `document.querySelector(".panel .generator").textContent === `+strconv.Quote(made))
	p.click(".grid th button", "quantity")
	p.until("the panel", `document.querySelector(".panel h2")?.textContent === "orders.quantity"`)
	p.until("a plot", `document.querySelector(".panel .plot rect")`)
	p.until("the form", `document.querySelector(".form select")`)
	eval[bool](p, `(e => { e.value = "constant"; e.dispatchEvent(new Event("change", {bubbles: true})); return true })(document.querySelector(".form select"))`)
	p.until("a problem: the argument is missing", `document.querySelector(".status .error")`)
	p.click("nav button", "Blueprint")
	p.until("the problem in its place", `document.querySelector(".problems .error b")?.textContent.startsWith("line ")`)
	eval[bool](p, `(document.querySelector(".cm-content").focus(), true)`)
	p.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.until("undone", `!document.querySelector(".status .error")`)
	p.click("nav button", "Rows")
	began := time.Now()
	p.write("max", "1")
	p.until("the change is seen in the rows", rowsSeen+`.length > 10 && `+rowsSeen+`.every(r => r.cells[4].textContent === "1")`)
	t.Logf("an edit was seen in the rows after %v, the test's own polling included", time.Since(began).Round(time.Millisecond))
	p.click(`.top button[aria-label="undo"]`, "")
	p.until("it is undone from the rows", rowsSeen+`.length > 10 && `+rowsSeen+`.some(r => r.cells[4].textContent !== "1")`)
	p.do(chromedp.Focus(".grid"), chromedp.KeyEvent("y", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	p.until("and done again", rowsSeen+`.length > 10 && `+rowsSeen+`.every(r => r.cells[4].textContent === "1")`)
	p.click("nav button", "Blueprint")
	p.click(".editbar button", "Changes")
	p.until("what was changed", `[...document.querySelectorAll(".cm-deletedChunk")].some(e => e.textContent.includes("quantity")) && document.querySelector(".cm-collapsedLines")`)
	p.click(".editbar button", "All of it")
	p.until("the whole text", `!document.querySelector(".cm-deletedChunk, .cm-collapsedLines")`)
	if text := eval[string](p, `document.querySelector(".cm-content").innerText`); !strings.Contains(text, "# What sower inferred") {
		t.Error("comments are gone")
	}

	// The diagram.
	p.click("nav button", "Diagram")
	p.until("boxes", `document.querySelectorAll(".canvas .box").length === 3 && document.querySelectorAll(".canvas .edge").length === 1`)
	before := eval[string](p, `document.querySelector(".world").getAttribute("transform")`)
	p.click(".tools button", "+")
	p.until("it is larger", `document.querySelector(".world").getAttribute("transform") !== "`+before+`"`)

	p.click(".tools button", "order")
	p.until("the order of loading", `[...document.querySelectorAll(".step text")].map(e => e.textContent).sort().join() === "1,2,3"`)
	paper := eval[string](p, `(dispatchEvent(new Event("beforeprint")), document.querySelector(".canvas").getAttribute("viewBox"))`)
	if !strings.HasPrefix(paper, "0 0 ") {
		t.Errorf("paper shows %q of the diagram", paper)
	}
	eval[bool](p, `(dispatchEvent(new Event("afterprint")), true)`)

	// Saved, and read again when another program changes it.
	eval[bool](p, `(window.prompt = () => "mine.yaml", true)`)
	p.click(".top button", "Save")
	p.until("it is saved", `document.querySelector(".state").textContent === "mine.yaml"`)
	file := filepath.Join(folder, "mine.yaml")
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "# What sower inferred") {
		t.Fatal(string(text), err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), "rows: 40", "rows: 41", 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	p.until("the file is read again", `document.querySelector(".tables").textContent.includes("41")`)

	p.accessible()

	// Filled.
	p.click("nav button", "Fill")
	p.click(".fill button", "Fill the database")
	p.click(".ask button", "Write them")
	p.until("it is filled", `document.querySelector(".result.good h3")?.textContent === "Done"`)
	p.until("the report", `document.querySelector('a.button[href^="/report/"]')`)
	path := eval[string](p, `document.querySelector('a.button[href^="/report/"]').getAttribute("href")`)
	read := open(t, address[:strings.Index(address, "/#")]+path, 1440, 900)
	read.until("the report is read", `[...document.querySelectorAll("td")].some(e => e.textContent === "41") && document.querySelectorAll(".lanes .run").length > 2`)
	if origin := eval[string](read, "self.origin"); origin != "null" {
		t.Errorf("the report has the origin %s", origin)
	}
	if n := count("select count(*) from customers"); n != 41 {
		t.Errorf("%d customers", n)
	}
	if n := count("select count(*) from orders where quantity = 1"); n != 200 {
		t.Errorf("%d orders of one", n)
	}

	// What stands, beside what was asked; and once it is another.
	p.click("nav button", "Database")
	p.click(".tables button", "orders")
	p.until("all is as it was asked", `document.querySelector(".standing .agree") && document.querySelectorAll(".compared > li").length === 6`)
	p.axe("Database")
	change("update orders set quantity = 9 where id > 100")
	p.click(".standing .sum .link", "ask again")
	p.until("where they part ways", `[...document.querySelectorAll(".compared .off b")].map(e => e.textContent).join() === "quantity"`)
}

// A database that others filled is looked at: of large tables a sample.
func TestStanding(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop_demo.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(shop + `
		insert into customers with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000) select i, 'name ' || (i % 7), i || '@example.org', '2024-01-02 03:04:05' from n;
		insert into orders select id, id, 'paid', 3, '2024-05-06 07:08:09', case when id % 4 = 0 then 'x' end from customers where id <= 400;
		drop table "<img src=x onerror=alert(1)>"`); err != nil {
		t.Fatal(err)
	}
	p := open(t, program(t, t.TempDir(), "studio", "--database-url", "sqlite:"+path), 1440, 900)
	p.until("the database's side", `document.querySelector('nav [aria-selected="true"]')?.textContent === "Database"`)
	p.click(".tables button", "customers")
	p.until("a sample", `document.querySelector(".standing .sum")?.textContent.startsWith("60,000 rows in the database") && document.querySelector(".standing .sum").textContent.includes("a sample of ")`)
	p.until("the most frequent names", `[...document.querySelectorAll(".bars th")].map(e => e.textContent).includes("name 3")`)
	p.click(".tables button", "orders")
	p.until("the nulls", `[...document.querySelectorAll(".compared > li")].find(e => e.querySelector("b").textContent === "note")?.querySelector(".sides td:nth-child(2)")?.textContent === "75 %"`)
	p.axe("Database")
}

// accessible runs axe over the views of the studio: nothing serious may be found.
func (p *page) accessible() {
	p.t.Helper()
	for _, view := range []string{"Rows", "Diagram", "Blueprint", "Fill"} {
		p.click("nav button", view)
		time.Sleep(100 * time.Millisecond)
		p.axe(view)
	}
}

// axe runs axe over what is shown: nothing serious may be found.
func (p *page) axe(view string) {
	p.t.Helper()
	if eval[bool](p, "typeof axe === 'undefined'") {
		axe, err := os.ReadFile("../../../studio/node_modules/axe-core/axe.min.js")
		if err != nil {
			p.t.Fatalf("%v (scripts/setup-tests.sh installs it)", err)
		}
		eval[bool](p, string(axe)+";true")
	}
	found := eval[[]string](p, `axe.run().then(r => r.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v =>
		v.id + ": " + v.help + ": " + v.nodes.map(n => n.html).slice(0, 3).join(" ")))`)
	for _, f := range found {
		p.t.Errorf("%s: %s", view, f)
	}
}

// The page that inspect writes can be searched, zoomed and followed, without a server.
func TestInspectPage(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "shop_demo.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(shop); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "inspect", "--database-url", "sqlite:"+path, "--format", "html")
	cmd.Env = []string{programVariable + "=1", "HOME=/"}
	html, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "shop.html")
	if err := os.WriteFile(file, html, 0o666); err != nil {
		t.Fatal(err)
	}
	p := open(t, "file://"+file, 1200, 900)
	p.until("the drawing", `document.querySelectorAll(".canvas .box").length === 3`)
	eval[bool](p, `(e => { e.value = "cust"; e.dispatchEvent(new Event("input", {bubbles: true})); return true })(document.querySelector(".find input"))`)
	p.until("found", `document.querySelector(".box.chosen title")?.textContent === "customers"`)
	if eval[bool](p, `!!document.querySelector("img") || getComputedStyle(document.querySelector(".still")).display !== "none"`) {
		t.Error("a hostile name made an element, or two drawings are shown")
	}
}
