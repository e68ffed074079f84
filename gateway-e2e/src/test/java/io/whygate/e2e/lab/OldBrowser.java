package io.whygate.e2e.lab;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A browser of 2015: what it does not know of style is gone from the documents it is given, as is
/// the script's `EventSource`.
public final class OldBrowser {
  private static final Pattern DARK =
      Pattern.compile(
          "@media \\(prefers-color-scheme: ?dark\\) ?\\{\\s*:root ?\\{[^}]*}\\s*}",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern UNKNOWN_VALUE =
      Pattern.compile(
          "(?<=[{;\\s])[a-z-]+: ?[^;{}]*(?:var\\(|clamp\\(|min\\(|#[0-9a-f]{8}\\b|grid)[^;{}]*");
  private static final Pattern UNKNOWN_PROPERTY =
      Pattern.compile(
          "(?<=[{;\\s])(?:[a-z-]*-inline[a-z-]*|gap|text-wrap|grid-[a-z-]*|color-scheme|--[a-z-]+): ?[^;{}]*");
  private static final Pattern UNKNOWN_RULE = Pattern.compile("[^{}]*:focus-visible[^{]*\\{[^}]*}");
  private static final Pattern STYLE = Pattern.compile("(?s)(?<=<style>).*?(?=</style>)");

  private static final String IS_ECMASCRIPT_5 =
      "require('acorn').parse(require('fs').readFileSync(process.argv[1], 'utf8'), {ecmaVersion: 5})";

  private OldBrowser() {}

  /// Gives a page only what such a browser would make something of. The policy goes with it, since
  /// it knows the style by its digest.
  public static void make(Page page) {
    page.addInitScript("delete window.EventSource");
    page.route("**/*.html", OldBrowser::answer);
  }

  private static void answer(Route route) {
    APIResponse answer = route.fetch();
    Map<String, String> headers = new HashMap<>(answer.headers());
    headers.remove("content-security-policy");
    headers.remove("content-length");
    route.fulfill(
        new Route.FulfillOptions()
            .setStatus(answer.status())
            .setHeaders(headers)
            .setBody(
                STYLE
                    .matcher(answer.text())
                    .replaceAll(style -> Matcher.quoteReplacement(known(style.group())))));
  }

  private static String known(String style) {
    String known = DARK.matcher(style).replaceAll("");
    known = UNKNOWN_VALUE.matcher(known).replaceAll("");
    known = UNKNOWN_PROPERTY.matcher(known).replaceAll("");
    return UNKNOWN_RULE.matcher(known).replaceAll("");
  }

  /// Fails where a script needs more than ECMAScript 5.
  ///
  /// @param modules the folder with Node's modules
  public static void assertReadable(Path script, Path modules) {
    LabProcess.run(Place.HERE, modules, "node", "-e", IS_ECMASCRIPT_5, script.toString());
  }
}
