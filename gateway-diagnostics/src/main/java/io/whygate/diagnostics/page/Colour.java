package io.whygate.diagnostics.page;

import java.util.regex.Pattern;

/// A colour of the sRGB space, and how well it stands out from another (WCAG 2.2, "contrast
/// ratio").
///
/// @param css as `#rrggbb`
record Colour(String css) {
  private static final Pattern SIX_DIGITS = Pattern.compile("#[0-9a-fA-F]{6}");

  static final Colour BLACK = new Colour("#000000");
  static final Colour WHITE = new Colour("#ffffff");

  Colour {
    if (!SIX_DIGITS.matcher(css).matches()) {
      throw new IllegalArgumentException("colour: " + css + " (expected: as #2456d6)");
    }
  }

  /// From 1, which is none, to 21.
  double contrast(Colour other) {
    double mine = luminance();
    double others = other.luminance();
    return (Math.max(mine, others) + 0.05) / (Math.min(mine, others) + 0.05);
  }

  /// Black or white, whichever is the more legible on this one.
  Colour legibleOn() {
    return contrast(BLACK) > contrast(WHITE) ? BLACK : WHITE;
  }

  private double luminance() {
    return 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5);
  }

  private double linear(int at) {
    double value = Integer.parseInt(css.substring(at, at + 2), 16) / 255.0;
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }
}
