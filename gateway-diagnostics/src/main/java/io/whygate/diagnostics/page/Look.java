package io.whygate.diagnostics.page;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/// How the pages for people look, in whatever language.
///
/// @param style the content of the style element
/// @param script the content of the script element
/// @param contentSecurityPolicy the policy (CSP level 3) under which a document works: nothing but
///   its own styles and scripts, by their hashes, and the incident's state from the gateway itself
record Look(String style, String script, String contentSecurityPolicy) {

  static Look of(Branding branding) {
    String style =
        Minified.css(
            Resources.read("page.css")
                .replace("#accent", branding.colour())
                .replace("#on-accent", new Colour(branding.colour()).legibleOn().css())
                .replace("#dark-accent", branding.darkColour())
                .replace("#on-dark-accent", new Colour(branding.darkColour()).legibleOn().css()));
    String script = Minified.js(Resources.read("page.js"));
    List<String> styles = new ArrayList<>(List.of(style));
    List<String> scripts = new ArrayList<>(List.of(script));
    branding.template().ifPresent(template -> styles.addAll(template.within("style")));
    branding.template().ifPresent(template -> scripts.addAll(template.within("script")));
    return new Look(
        style, script, policy(hashes(styles), hashes(scripts), branding.frameAncestors()));
  }

  private static String policy(String style, String script, List<String> ancestors) {
    return "default-src 'none'; style-src "
        + style
        + "; script-src "
        + script
        + "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
        + " frame-ancestors "
        + (ancestors.isEmpty() ? "'none'" : String.join(" ", ancestors));
  }

  private static String hashes(List<String> inline) {
    return inline.stream().map(Look::hash).distinct().collect(Collectors.joining(" "));
  }

  private static String hash(String inline) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(inline.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
