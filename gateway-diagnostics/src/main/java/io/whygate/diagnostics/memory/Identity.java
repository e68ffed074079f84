package io.whygate.diagnostics.memory;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The marks by which a site is known again.
///
/// @param leafKey the SHA-256 of the public key of its certificate, in hexadecimal; empty where it
///   shows none
/// @param server its `Server` field; empty where it sends none
/// @param title the title of its start page; empty where it is not known
public record Identity(String leafKey, String server, String title) {
  public static final Identity UNKNOWN = new Identity("", "", "");

  private static final Pattern TITLE =
      Pattern.compile("<title[^>]*>\\s*([^<]{1,200}?)\\s*</title>", Pattern.CASE_INSENSITIVE);

  /// The marks of an answer to a request for the start page.
  ///
  /// @param server its `Server` field; empty where it has none
  /// @param body what is known of its body, from its beginning
  public static Identity of(String server, String body) {
    Matcher title = TITLE.matcher(body);
    return new Identity("", server, title.find() ? title.group(1) : "");
  }

  /// How two sets of marks compare.
  public enum Likeness {
    SAME,
    DIFFERENT,
    /// They have no mark in common to compare.
    UNTOLD
  }

  /// Compares by the strongest mark that both have: the key, then the title, then the product.
  public Likeness compare(Identity other) {
    if (!leafKey.isEmpty() && leafKey.equals(other.leafKey)) {
      return Likeness.SAME;
    }
    if (!title.isEmpty() && !other.title.isEmpty()) {
      return title.equals(other.title) ? Likeness.SAME : Likeness.DIFFERENT;
    }
    if (!server.isEmpty() && !other.server.isEmpty()) {
      return product(server).equals(product(other.server)) ? Likeness.SAME : Likeness.DIFFERENT;
    }
    return Likeness.UNTOLD;
  }

  /// These marks, and the other's where these have none.
  public Identity or(Identity other) {
    return new Identity(
        leafKey.isEmpty() ? other.leafKey : leafKey,
        server.isEmpty() ? other.server : server,
        title.isEmpty() ? other.title : title);
  }

  /// A product without its version: an update makes no other site.
  private static String product(String server) {
    int end = 0;
    while (end < server.length() && server.charAt(end) != '/' && server.charAt(end) != ' ') {
      end++;
    }
    return server.substring(0, end).toLowerCase(Locale.ROOT);
  }
}
