package browser

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	shots "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// pictures is where docs/studio.md has its pictures. UPDATE=1 takes them anew.
const pictures = "../../../docs/pictures"

// picture takes a picture of what is shown, for the docs.
func (p *page) picture(name string) {
	p.t.Helper()
	if os.Getenv("UPDATE") == "" {
		return
	}
	time.Sleep(400 * time.Millisecond) // what moves comes to rest
	shot, err := chromedp.Call(p.ctx, shots.CaptureScreenshot, shots.CaptureScreenshotParams{Format: shots.CaptureScreenshotFormatWebp, Quality: new(int64(72))})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(pictures, name+".webp"), shot.Data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// dark has the page in dark colours, or in light ones.
func (p *page) dark(on bool) {
	p.t.Helper()
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	p.seenAs(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// Somebody who has never seen a blueprint has five orders a customer made where there were three: docs/studio.md.
func TestWalk(t *testing.T) {
	folder := t.TempDir()
	ddl, err := os.ReadFile("../../../blueprints/shop/sqlite.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(folder, "shop_demo.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(string(ddl)); err != nil {
		t.Fatal(err)
	}
	address := program(t, folder, "studio", "shop", "--database-url", "sqlite:shop_demo.db")
	p := open(t, address, 1440, 900)
	p.until("the tables", `document.querySelectorAll(".tables li").length === 11`)

	p.click(".tables button", "orders")
	p.until("orders", heading+` === "orders" && `+rowsSeen+`.length > 10`)
	p.click(".grid th button", "customer_id")
	p.until("three orders a customer", `[...document.querySelectorAll(".plot figcaption")].some(e => e.textContent === "rows for each row of customers, 3 on average")`)
	p.picture("studio-rows")

	eval[bool](p, `(e => { e.id = "orders"; e.select(); return true })([...document.querySelectorAll(".parameters label")].find(l => l.textContent === "orders").querySelector("input"))`)
	p.do(chromedp.SendKeys("#orders", "10000"+kb.Enter))
	p.until("five", `[...document.querySelectorAll(".plot figcaption")].some(e => e.textContent === "rows for each row of customers, 5 on average")`)
	p.until("more rows", `document.querySelector(".head .soft").textContent === "10,000 rows" && `+rowsSeen+`.length > 10`)

	eval[bool](p, `(window.prompt = () => "five.yaml", true)`)
	p.click(".top button", "Save")
	p.until("it is saved", `document.querySelector(".state").textContent === "five.yaml"`)
	if text, err := os.ReadFile(filepath.Join(folder, "five.yaml")); err != nil || !strings.Contains(string(text), "orders: {type: integer, default: 10000, min: 500") ||
		!strings.Contains(string(text), "# A shop over two years") {
		t.Error(err, string(text[:min(len(text), 2000)]))
	}

	p.click("nav button", "Fill")
	p.click(".fill button", "Fill the database")
	p.click(".ask button", "Write them")
	p.until("it is filled", `document.querySelector(".result.good h3")?.textContent === "Done"`)
	p.until("the report", `document.querySelector('a.button[href^="/report/"]')`)
	p.picture("studio-fill")
	path := eval[string](p, `document.querySelector('a.button[href^="/report/"]').getAttribute("href")`)
	var orders, customers int
	if err := db.QueryRow("select (select count(*) from orders), (select count(*) from customers)").Scan(&orders, &customers); err != nil || orders != 10_000 || customers != 2000 {
		t.Errorf("%d orders of %d customers, %v", orders, customers, err)
	}
	read := open(t, address[:strings.Index(address, "/#")]+path, 1440, 900)
	read.until("the report tells of the orders", `[...document.querySelectorAll("td")].some(e => e.textContent === "10,000")`)
	read.picture("studio-report")

	// What else there is, for the docs.
	p.click(".tables button", "orders")
	p.click("nav button", "Diagram")
	p.until("boxes", `document.querySelectorAll(".canvas .box").length === 11`)
	p.dark(true)
	p.picture("studio-diagram")
	p.dark(false)
	if _, err := db.Exec("update orders set discount = 0, total = subtotal + shipping where id % 2 = 0"); err != nil {
		t.Fatal(err)
	}
	p.click("nav button", "Database")
	p.until("where it parts ways", `[...document.querySelectorAll(".compared .off b")].some(e => e.textContent === "discount")`)
	eval[bool](p, `([...document.querySelectorAll(".compared > li")].find(e => e.querySelector("b").textContent === "subtotal").scrollIntoView(), true)`)
	p.picture("studio-database")
	p.do(chromedp.EmulateViewport(390, 844))
	p.picture("studio-phone")
	if wide := eval[int](p, "document.documentElement.scrollWidth"); wide > 390 {
		t.Errorf("the page is %d pixels wide in a window of 390", wide)
	}
	for _, name := range []string{"rows", "fill", "report", "diagram", "database", "phone", "60-tables", "500-tables"} {
		if _, err := os.Stat(filepath.Join(pictures, "studio-"+name+".webp")); err != nil {
			t.Errorf("%v: UPDATE=1 takes it", err)
		}
	}
}
