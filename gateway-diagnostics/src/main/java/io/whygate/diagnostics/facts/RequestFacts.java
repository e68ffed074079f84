package io.whygate.diagnostics.facts;

import java.util.List;

/// The request of a failed exchange, without anything that identifies or authorises its sender.
///
/// @param method the method
/// @param path the path without its query
/// @param host the host that the client asked for
/// @param scheme `http` or `https`, as the client spoke to the gateway
/// @param bodyBytes bytes of the body that had come from the client
/// @param ids by which the server's log may name this request alone: its request id, its trace
/// @param trace the trace that it belongs to (W3C Trace Context), 32 hexadecimal digits; empty for
///   none
/// @param size how large it is
public record RequestFacts(
    String method,
    String path,
    String host,
    String scheme,
    long bodyBytes,
    List<String> ids,
    String trace,
    Size size) {
  /// How large a request is; 0 where that is not known.
  ///
  /// @param head bytes of its head
  /// @param content bytes of its content: those announced, else those that came
  public record Size(int head, long content) {
    public static final Size UNKNOWN = new Size(0, 0);

    /// Heads and bodies below that meet no limit of any server, bytes.
    public static final int LARGE = 2_048;
  }

  public RequestFacts {
    ids = List.copyOf(ids);
  }

  /// A request that no log names, and no trace.
  public RequestFacts(String method, String path, String host, String scheme, long bodyBytes) {
    this(method, path, host, scheme, bodyBytes, List.of(), "", Size.UNKNOWN);
  }
}
