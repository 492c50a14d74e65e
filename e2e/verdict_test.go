package e2e

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/chromedp/cdproto/cachestorage"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/indexeddb"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

const cookieName = "__Host-console"

// verdict checks, at the end of a test, that nothing unexpected was logged or
// refused, that no content policy report was sent (security 26), that nothing
// was stored (security 31), and that the one cookie is the session's with its
// attributes (security 1, security 2).
func (v *visitor) verdict() {
	if v.ctx.Err() != nil || v.pardoned {
		return
	}
	for _, f := range v.faults() {
		v.t.Error(f)
	}
	for _, s := range v.stored() {
		v.t.Error("the browser stores ", s)
	}
	for _, c := range v.cookies() {
		if wrong := cookieFaults(c); wrong != "" {
			v.t.Errorf("cookie %s: %s", c.Name, wrong)
		}
	}
}

func cookieFaults(c *network.Cookie) string {
	var out []string
	for what, ok := range map[string]bool{"the name is " + c.Name: c.Name == cookieName, "not secure": c.Secure, "scripts can read it": c.HTTPOnly,
		"SameSite is " + string(c.SameSite): c.SameSite == network.CookieSameSiteStrict, "the path is " + c.Path: c.Path == "/",
		"it is kept after the browser closes": c.Session, "it is for a domain": !strings.HasPrefix(c.Domain, ".")} {
		if !ok {
			out = append(out, what)
		}
	}
	return strings.Join(out, ", ")
}

func (v *visitor) cookies() []*network.Cookie {
	res, err := chromedp.CallBrowser(v.ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID})
	if err != nil {
		v.t.Errorf("cookies: %v", err)
	}
	return res.Cookies
}

// stored lists what the console's origin keeps in the browser beside cookies.
func (v *visitor) stored() (out []string) {
	at, err := evaluate[string](v, "location.href")
	if u, bad := url.Parse(at); err != nil || bad != nil || !strings.HasPrefix(at, v.base) || u.Host == "" {
		return nil // another page is shown; the others of the journey were looked at
	}
	kept, err := evaluate[[]string](v, `[localStorage, sessionStorage].flatMap(s => Object.entries(s)).map(e => e.join(': '))`)
	if err != nil {
		v.t.Errorf("storage: %v", err)
	}
	for _, k := range kept {
		out = append(out, "in local or session storage: "+k)
	}
	v.do(chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		dbs, err := cdp.Call(ctx, s, indexeddb.RequestDatabaseNames, indexeddb.RequestDatabaseNamesParams{SecurityOrigin: v.base})
		for _, name := range dbs.DatabaseNames {
			out = append(out, "database "+name)
		}
		if err != nil {
			return err
		}
		caches, err := cdp.Call(ctx, s, cachestorage.RequestCacheNames, cachestorage.RequestCacheNamesParams{SecurityOrigin: v.base})
		for _, c := range caches.Caches {
			out = append(out, fmt.Sprint("cache ", c.CacheName))
		}
		return err
	}))
	return out
}
