package meaning

// abbreviations are what old schemas write for words.
var abbreviations = map[string]string{
	"qty": "quantity", "qnty": "quantity", "quant": "quantity", "amt": "amount", "nm": "name", "cd": "code", "dt": "date", "ts": "timestamp", "no": "number", "nr": "number",
	"num": "number", "nbr": "number", "adr": "address", "addr": "address", "desc": "description", "descr": "description", "pct": "percent", "perc": "percent", "cnt": "count",
	"tot": "total", "prc": "price", "disc": "discount", "cust": "customer", "ord": "order", "prod": "product", "inv": "invoice", "acct": "account", "org": "organization",
	"organisation": "organization", "dept": "department", "emp": "employee", "cat": "category", "lvl": "level", "len": "length", "hgt": "height", "wgt": "weight", "wt": "weight",
	"avg": "average", "mean": "average", "minimum": "min", "maximum": "max", "uprice": "price", "ccy": "currency", "curr": "currency", "tel": "phone", "cancelled": "canceled",
	"cancellation": "cancel", "authorised": "authorized", "stat": "status", "sts": "status", "flg": "flag", "grp": "group", "mgr": "manager", "yr": "year", "percentage": "percent",
}

// Expand writes the abbreviations among a name's words out.
func Expand(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		if long := abbreviations[w]; long != "" {
			w = long
		}
		out[i] = w
	}
	return out
}

// units say in what a number counts; they are no part of what it means.
var units = set("cents cent minor usd eur gbp kg g mg cm cm3 mm km ms seconds minutes pallets")
