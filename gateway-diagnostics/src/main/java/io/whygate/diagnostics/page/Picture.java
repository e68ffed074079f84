package io.whygate.diagnostics.page;

/// The picture of a visitor, the gateway and the site's server. Which of them, or of the ways
/// between them, is broken is for the style to mark, by the attribute `data-side`.
final class Picture {
  private static final String LAPTOP = "M-8-7.5h16v11h-16zM-11 7.5h22";
  private static final String SHIELD =
      "M0-9.5l7.5 2.8v5.4c0 4.6-3 8-7.5 9.8-4.5-1.8-7.5-5.2-7.5-9.8v-5.4zM-3.3-.7l2.4 2.4 4.3-4.5";
  private static final String SERVER =
      "M-8-8h16v6.5h-16zM-8 1.5h16V8h-16zM-4.5-4.8h.01M-4.5 4.8h.01";
  private static final String CROSS = "M-3.5-3.5l7 7M3.5-3.5l-7 7";
  private static final String QUESTION = "M-2.6-2c.1-4 5.6-3.6 5.2-.4C2.4-.6 0-.6 0 1.6M0 4.6h.01";

  private static final int WIDTH = 300;
  private static final int HEIGHT = 56;
  private static final int VISITOR = 50;
  private static final int GATEWAY = 150;
  private static final int SITE = 250;

  private final boolean mirrored;
  private final Html out = new Html(1600);

  private Picture(boolean mirrored) {
    this.mirrored = mirrored;
  }

  /// Its SVG element.
  ///
  /// @param rightToLeft whether the visitor stands on the right
  static String svg(boolean rightToLeft) {
    return new Picture(rightToLeft).draw();
  }

  private String draw() {
    out.raw("<svg viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" aria-hidden=\"true\">");
    line("l l1", VISITOR + 31, GATEWAY - 31);
    line("l l2", GATEWAY + 31, SITE - 31);
    node("ny", VISITOR, LAPTOP);
    node("ng", GATEWAY, SHIELD);
    node("ns", SITE, SERVER);
    mark("mg", GATEWAY + 17, 43, CROSS);
    mark("ml", (GATEWAY + SITE) / 2, HEIGHT / 2, CROSS);
    mark("ms", SITE + 17, 43, CROSS);
    mark("mu", (GATEWAY + SITE) / 2, HEIGHT / 2, QUESTION);
    return out.raw("</svg>").toString();
  }

  private int x(int at) {
    return mirrored ? WIDTH - at : at;
  }

  private void line(String kind, int from, int to) {
    out.raw("<path class=\"" + kind + "\" d=\"M" + x(from) + " 28H" + x(to) + "\"/>");
  }

  private void node(String kind, int at, String drawing) {
    out.raw("<g class=\"" + kind + "\" transform=\"translate(" + x(at) + " 28)\">")
        .raw("<circle r=\"26\"/><path d=\"" + drawing + "\"/></g>");
  }

  private void mark(String kind, int at, int y, String drawing) {
    out.raw("<g class=\"m " + kind + "\" transform=\"translate(" + x(at) + " " + y + ")\">")
        .raw("<circle r=\"10\"/><path d=\"" + drawing + "\"/></g>");
  }
}
