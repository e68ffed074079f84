package io.whygate.diagnostics.page;

import java.util.Map;
import java.util.regex.Pattern;

/// How an operator's pages look and speak.
///
/// @param title the name shown above the explanation; empty for none
/// @param colour the accent, as `#rrggbb`
/// @param logo an image as a `data:` URI, at most 6 KiB; empty for none
/// @param texts own texts by language and key (the keys of `texts/en.properties`)
public record Branding(
    String title, String colour, String logo, Map<Language, Map<String, String>> texts) {
  private static final int LARGEST_LOGO = 6 * 1024;
  private static final Pattern COLOUR = Pattern.compile("#[0-9a-fA-F]{6}");
  private static final Pattern LOGO =
      Pattern.compile("data:image/(png|jpeg|gif|webp|svg\\+xml)[;,][A-Za-z0-9+/=;,%._~:-]*");

  /// The look of Whygate itself.
  public static final Branding NONE = new Branding("", "#2456d6", "", Map.of());

  public Branding {
    if (!COLOUR.matcher(colour).matches()) {
      throw new IllegalArgumentException("colour: " + colour + " (expected: as #2456d6)");
    }
    if (logo.length() > LARGEST_LOGO) {
      throw new IllegalArgumentException(
          "logo: " + logo.length() + " bytes (expected: at most " + LARGEST_LOGO + ")");
    }
    if (!logo.isEmpty() && !LOGO.matcher(logo).matches()) {
      throw new IllegalArgumentException(
          "logo: "
              + logo.substring(0, Math.min(24, logo.length()))
              + " (expected: a data: URI of a png, jpeg, gif, webp or svg+xml image)");
    }
    texts = Map.copyOf(texts);
  }

  /// The colour of text that is legible on [#colour]: black or white.
  String onColour() {
    int red = Integer.parseInt(colour.substring(1, 3), 16);
    int green = Integer.parseInt(colour.substring(3, 5), 16);
    int blue = Integer.parseInt(colour.substring(5, 7), 16);
    return 299 * red + 587 * green + 114 * blue > 150_000 ? "#000" : "#fff";
  }
}
