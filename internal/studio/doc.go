// Package studio serves a page on which a person sees the rows of a blueprint before any is written, edits the blueprint
// and fills a database with it. A Workbench knows the blueprint, its plan and its problems; Server gives it to a browser
// as JSON (api.go has every type, of which studio/src/api.ts is made). It never opens a database itself: what plans and
// fills is handed to it.
package studio
