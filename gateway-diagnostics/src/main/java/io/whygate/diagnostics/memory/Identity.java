package io.whygate.diagnostics.memory;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The marks by which a site is known again.
///
/// @param leafKey the SHA-256 of the public key of its certificate, in hexadecimal; empty where it
///   shows none
/// @param server its `Server` field; empty where it sends none
/// @param title the title of its start page; empty where it is not known
/// @param traits smaller marks, by the names below; never the value of a cookie
public record Identity(String leafKey, String server, String title, Map<String, String> traits) {
  /// What it says that it runs on (`X-Powered-By`).
  public static final String POWERED_BY = "powered-by";

  /// The names of the cookies that it sets, in order, with spaces between.
  public static final String COOKIES = "cookies";

  /// The shape of its entity tags.
  public static final String ETAG = "etag";

  /// Whether it wants TLS for good (`Strict-Transport-Security`); absent where it never said so.
  public static final String STRICT_TRANSPORT = "hsts";

  /// The checksum of its icon.
  public static final String ICON = "icon";

  public static final Identity UNKNOWN = new Identity("", "", "");

  private static final int COOKIES_KEPT = 16;
  private static final Pattern TITLE =
      Pattern.compile("<title[^>]*>\\s*([^<]{1,200}?)\\s*</title>", Pattern.CASE_INSENSITIVE);

  public Identity {
    title = decoded(title);
    traits = Map.copyOf(traits);
  }

  public Identity(String leafKey, String server, String title) {
    this(leafKey, server, title, Map.of());
  }

  /// The marks of an answer to a request for the start page.
  ///
  /// @param server its `Server` field; empty where it has none
  /// @param body what is known of its body, from its beginning
  public static Identity of(String server, String body) {
    Matcher title = TITLE.matcher(body);
    return new Identity("", server, title.find() ? title.group(1) : "");
  }

  /// These marks with more traits; an empty one is none.
  public Identity with(Map<String, String> more) {
    Map<String, String> all = new TreeMap<>(traits);
    all.putAll(more);
    all.values().removeIf(String::isEmpty);
    return new Identity(leafKey, server, title, all);
  }

  /// The shape of an entity tag: weak or not, whether it is more than hexadecimal digits, and how
  /// many dashes it has; its letters and digits change with each file.
  public static String etagShape(String etag) {
    String value = etag.strip();
    boolean weak = value.startsWith("W/");
    boolean hex = true;
    int characters = 0;
    int dashes = 0;
    for (int i = weak ? 2 : 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"') {
        continue;
      }
      characters++;
      if (c == '-') {
        dashes++;
      } else {
        hex &= (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      }
    }
    return characters == 0
        ? ""
        : (weak ? "weak " : "") + (hex ? "hex" : "text") + " " + Math.min(dashes, 4);
  }

  /// The name of the cookie that a `Set-Cookie` field sets; empty where it is none.
  public static String cookieName(String field) {
    int end = field.indexOf('=');
    String name = end < 0 ? "" : field.substring(0, end).strip();
    // A name of many digits is made up for one visitor.
    return name.length() > 64 || name.chars().filter(Character::isDigit).count() > 6 ? "" : name;
  }

  /// How two sets of marks compare.
  public enum Likeness {
    SAME,
    DIFFERENT,
    /// They have no mark in common to compare.
    UNTOLD
  }

  /// Compares by the strongest mark that both have: the key, the icon, then the title, then all
  /// that is weaker together.
  public Likeness compare(Identity other) {
    if (!leafKey.isEmpty() && leafKey.equals(other.leafKey)) {
      return Likeness.SAME;
    }
    if (sameTrait(ICON, other) > 0) {
      return Likeness.SAME;
    }
    if (!title.isEmpty() && !other.title.isEmpty()) {
      return title.equals(other.title) ? Likeness.SAME : Likeness.DIFFERENT;
    }
    int score = weaker(other);
    return score > 0 ? Likeness.SAME : score < 0 ? Likeness.DIFFERENT : Likeness.UNTOLD;
  }

  private int weaker(Identity other) {
    int score = 0;
    if (!server.isEmpty() && !other.server.isEmpty()) {
      score += product(server).equals(product(other.server)) ? 2 : -2;
    }
    score += 2 * sameTrait(POWERED_BY, other);
    score += sameTrait(ETAG, other);
    score += sameTrait(STRICT_TRANSPORT, other);
    Set<String> cookies = words(COOKIES);
    Set<String> others = other.words(COOKIES);
    if (!cookies.isEmpty() && !others.isEmpty()) {
      Set<String> common = new HashSet<>(cookies);
      common.retainAll(others);
      score += common.isEmpty() ? -1 : 1;
    }
    return score;
  }

  /// 1 where both have a trait and it is the same, -1 where it is another, 0 where one has none.
  private int sameTrait(String name, Identity other) {
    String mine = traits.getOrDefault(name, "");
    String theirs = other.traits.getOrDefault(name, "");
    if (mine.isEmpty() || theirs.isEmpty()) {
      return 0;
    }
    boolean same =
        name.equals(POWERED_BY) ? product(mine).equals(product(theirs)) : mine.equals(theirs);
    return same ? 1 : -1;
  }

  private Set<String> words(String trait) {
    String words = traits.getOrDefault(trait, "");
    return words.isEmpty() ? Set.of() : Set.of(words.split(" ", -1));
  }

  /// These marks, and the other's where these have none; the cookies of both.
  public Identity or(Identity other) {
    Map<String, String> all = new TreeMap<>(other.traits);
    all.putAll(traits);
    Set<String> cookies = new TreeSet<>(words(COOKIES));
    cookies.addAll(other.words(COOKIES));
    if (!cookies.isEmpty()) {
      all.put(COOKIES, String.join(" ", cookies.stream().limit(COOKIES_KEPT).toList()));
    }
    return new Identity(
        leafKey.isEmpty() ? other.leafKey : leafKey,
        server.isEmpty() ? other.server : server,
        title.isEmpty() ? other.title : title,
        all);
  }

  /// What is different in another, for operators; empty where nothing is that both show.
  public String difference(Identity other) {
    if (!server.isEmpty() && !other.server.isEmpty() && !server.equals(other.server)) {
      return "Server was " + server + " and is " + other.server;
    }
    if (!title.isEmpty() && !other.title.isEmpty() && !title.equals(other.title)) {
      return "the title was \"" + readable(title) + "\" and is \"" + readable(other.title) + "\"";
    }
    for (String name : new String[] {POWERED_BY, ETAG, ICON}) {
      if (sameTrait(name, other) < 0) {
        return name + " was " + traits.get(name) + " and is " + other.traits.get(name);
      }
    }
    return "";
  }

  /// A title whose bytes were taken for characters is UTF-8 all the same, so that whoever read the
  /// page, the title is one.
  private static String decoded(String title) {
    if (title.chars().allMatch(c -> c < 0x80) || title.chars().anyMatch(c -> c > 0xff)) {
      return title;
    }
    try {
      byte[] bytes = title.getBytes(StandardCharsets.ISO_8859_1);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return title;
    }
  }

  /// A title as a browser shows it.
  private static String readable(String title) {
    return title
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&");
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
