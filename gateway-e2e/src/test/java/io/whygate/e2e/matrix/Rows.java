package io.whygate.e2e.matrix;

import java.util.List;
import java.util.stream.Stream;

/// All faults of the matrix.
public final class Rows {
  private Rows() {}

  /// Those that need nothing but loopback.
  public static List<Row> all() {
    return Stream.of(
            ServerRows.all(),
            GatewayRows.all(),
            DnsRows.all(),
            ResolverRows.all(),
            TlsRows.all(),
            ApplicationRows.all(),
            FilterRows.all(),
            WireRows.all(),
            Http2Rows.all(),
            LookAlikeRows.all(),
            SeveralRows.all(),
            LogRows.all())
        .flatMap(List::stream)
        .toList();
  }

  /// A few of each kind, which load what the first failure has to load.
  public static List<Row> warmUp() {
    return Stream.of(ServerRows.all(), DnsRows.all(), TlsRows.all(), ApplicationRows.all())
        .map(List::getFirst)
        .toList();
  }
}
