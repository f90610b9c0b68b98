package browser

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/sowerdata/sower/internal/pgtest"
)

// The reports of a run and of its verification are pages that need nothing else. What stands beside what was asked is
// what the database holds: a change behind sower's back is seen there.
func TestReport(t *testing.T) {
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
		reports(t, "sqlite:"+path, func(text string) {
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		})
	})
	pgtest.Each(t, func(t *testing.T, s *pgtest.Server) {
		const name = "browser_report_test"
		if err := s.CreateDatabase(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		run := func(text string) {
			if _, err := s.RunPsql(t.Context(), name, text); err != nil {
				t.Fatal(err)
			}
		}
		run(shop)
		reports(t, s.URL(name), run)
	})
}

func reports(t *testing.T, url string, change func(sql string)) {
	absent := []string{"http://", "https://"}
	if _, after, ok := strings.Cut(url, "://"); ok {
		user, _, _ := strings.Cut(after, "@")
		_, password, _ := strings.Cut(user, ":")
		absent = append(absent, password)
	}
	folder := t.TempDir()
	sower := func(want int, args ...string) {
		t.Helper()
		cmd := exec.Command(os.Args[0], args...)
		cmd.Dir, cmd.Env = folder, []string{programVariable + "=1", "HOME=/", "TERM=dumb"}
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != want {
			t.Fatalf("%q: %v\n%s", args, cmd.ProcessState, out)
		}
	}
	sower(0, "generate", "--database-url", url, "--rows", "200", "--rows", "customers=40", "--report-file", "run.html")
	change("update orders set status = 'open', quantity = 9 where id > 100")
	sower(1, "verify", "--database-url", url, "--rows", "200", "--rows", "customers=40", "--report-file", "verified.html")
	for _, file := range []string{"run.html", "verified.html"} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, not := range absent {
			if strings.Contains(strings.ReplaceAll(string(text), "http://www.w3.org/", ""), not) { // names of namespaces
				t.Errorf("%s holds %s", file, not)
			}
		}
	}
	agrees := func(p *page, column string) string {
		t.Helper()
		return eval[string](p, fmt.Sprintf(`[...document.querySelectorAll(".card")].find(c => c.querySelector("h3 span")?.textContent === "orders" && c.querySelector(".column"))
			.querySelectorAll(".column").values().find(c => c.querySelector("b").textContent === %q).querySelector("figcaption span:last-child").textContent`, column))
	}

	p := open(t, "file://"+filepath.Join(folder, "run.html"), 1440, 900)
	p.until("the drawing", `document.querySelectorAll(".canvas .box").length === 3`)
	lanes := eval[string](p, `[...document.querySelectorAll(".lanes .label")].map(e => e.textContent).join()`)
	if !strings.HasPrefix(lanes, "prepare,data,") || !strings.Contains(lanes, ",orders,") || !strings.Contains(lanes, "connection 1") ||
		!eval[bool](p, `[...document.querySelectorAll(".lanes .run title")].some(e => e.textContent.startsWith("orders: "))`) {
		t.Errorf("the timeline has %s", lanes)
	}
	if got := agrees(p, "status") + agrees(p, "quantity"); got != "100 %100 %" {
		t.Errorf("the run's rows agree by %q", got)
	}
	if !eval[bool](p, `document.body.textContent.includes("<img src=x onerror=alert(1)>") && document.body.textContent.includes("<b>bold</b>") && !document.querySelector("img")`) {
		t.Error("a hostile name is not shown as text")
	}
	for _, scheme := range []string{"light", "dark"} {
		p.seenAs(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		p.axe(scheme)
	}
	for _, width := range []int64{1440, 390} {
		p.do(chromedp.EmulateViewport(width, 844))
		if wide := eval[int](p, "document.documentElement.scrollWidth"); wide > int(width) {
			t.Errorf("the page is %d pixels wide in a window of %d", wide, width)
		}
	}
	p.seenAs(emulation.SetEmulatedMediaParams{Media: "print"})
	if !eval[bool](p, `getComputedStyle(document.querySelector(".still")).display !== "none" && getComputedStyle(document.querySelector(".drawing")).display === "none"`) {
		t.Error("paper has not the still drawing")
	}

	p = open(t, "file://"+filepath.Join(folder, "verified.html"), 1440, 900)
	p.until("what is broken", `document.querySelector(".state.bad") && [...document.querySelectorAll(".rules .off")].some(e => e.textContent === "BROKEN")`)
	if got := agrees(p, "status"); got == "100 %" || !strings.HasSuffix(got, " %") {
		t.Errorf("half of the states were changed, and agree by %q", got)
	}
	if got := eval[string](p, `document.querySelector(".tiles").innerText`); !strings.Contains(got, "broken") {
		t.Errorf("the summary is %q", got)
	}
}

// seenAs shows the page as on another medium.
func (p *page) seenAs(params emulation.SetEmulatedMediaParams) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, params); err != nil {
		p.t.Fatal(err)
	}
}
