package gen

// makePlace makes the names of hosts and what lies on them.
func (m *Internet) makePlace(c *Context, what string, domains *words) (Filler, error) {
	lit := literalForm
	list := func(texts ...string) *form { return listForm(newWords(texts)) }
	noun, adjective := listForm(newWords(lettersOnly(WordList("noun")))), listForm(newWords(lettersOnly(WordList("adjective"))))
	name := sequenceForm(adjective, lit("-"), noun)
	const word, named = `[a-z]+`, `[a-z]+-[a-z]+(-[1-9][0-9]*)?`
	numberedName := numbered(c.Rows, name)
	switch m.Field {
	case "host":
		begin := list("web", "app", "db", "api", "mail", "cache", "proxy", "build", "worker", "storage")
		at := sequenceForm(lit("."), listForm(domains))
		most := max(20, roomFor(c.Rows, 20))
		return newDrawn(what, c.Key, sequenceForm(begin, numberForm(1, 20), at), sequenceForm(begin, numberForm(1, most), at), `[a-z]+[1-9][0-9]*\.`+anyOf(domains)), nil
	case "path":
		begin := sequenceForm(lit("/"), list("docs", "blog", "products", "news", "help", "users", "files", "archive", "reports", "pages"), lit("/"))
		return newDrawn(what, c.Key, sequenceForm(begin, name), sequenceForm(begin, numberedName), "/"+word+"/"+named), nil
	case "file_path":
		begin := sequenceForm(lit("/"), list("srv", "data", "home", "var/lib", "mnt/share"), lit("/"), noun, lit("/"))
		end := sequenceForm(lit("."), listForm(wordsOf("internet", "extension")))
		return newDrawn(what, c.Key, sequenceForm(begin, name, end), sequenceForm(begin, numberedName, end), `/[a-z/]+/`+named+`\.[a-z0-9]+`), nil
	case "image_url", "avatar_url":
		folder, end := "images", list(".jpg", ".png", ".webp")
		if m.Field == "avatar_url" {
			folder, end = "avatars", list(".jpg", ".png")
		}
		begin := sequenceForm(lit("https://"+folder+"."), listForm(domains), lit("/"))
		return newDrawn(what, c.Key, sequenceForm(begin, name, end), sequenceForm(begin, numberedName, end), `https://`+folder+`\.`+anyOf(domains)+"/"+named+`\.[a-z]+`), nil
	case "query":
		f := sequenceForm(adjective, lit(" "), noun)
		return newDrawn(what, c.Key, f, sequenceForm(adjective, lit(" "), noun, lit(" "), noun), `[a-z]+( [a-z]+){1,2}`), nil
	}
	f := sequenceForm(lit("#"), noun)
	return newDrawn(what, c.Key, f, sequenceForm(lit("#"), noun, numberForm(0, roomFor(c.Rows, noun.card))), `#[a-z]+([1-9][0-9]*)?`), nil
}
