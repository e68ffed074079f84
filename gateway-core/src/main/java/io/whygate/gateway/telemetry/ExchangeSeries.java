package io.whygate.gateway.telemetry;

/// What one event loop served by one route of one listener from one upstream.
///
/// @param codes how often each status was sent, by [#codeCell]
/// @param durations a histogram, by [Durations]
/// @param exemplary traces of the same durations
record ExchangeSeries(
    String listener,
    String route,
    String upstream,
    Cells codes,
    Cells durations,
    Exemplary exemplary)
    implements Series {
  /// How many cells the statuses take: 100 to 599, and any other.
  static final int CODES = 501;

  private static final int OTHER_CODE = 500;

  ExchangeSeries(String listener, String route, String upstream) {
    this(listener, route, upstream, new Cells(CODES), new Cells(Durations.CELLS), new Exemplary());
  }

  static int codeCell(int status) {
    return status >= 100 && status <= 599 ? status - 100 : OTHER_CODE;
  }

  static boolean isServerError(int cell) {
    return cell >= 400 && cell < OTHER_CODE;
  }

  /// The label value of a cell of [#codes].
  static String codeLabel(int cell) {
    return cell == OTHER_CODE ? SeriesTable.OTHER : Integer.toString(cell + 100);
  }

  @Override
  public boolean matches(String first, String second, String third) {
    return listener.equals(first) && route.equals(second) && upstream.equals(third);
  }

  @Override
  public int labelHash() {
    return SeriesTable.hash(listener, route, upstream);
  }
}
