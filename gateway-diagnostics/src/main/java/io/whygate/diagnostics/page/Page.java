package io.whygate.diagnostics.page;

import java.util.List;

/// An answer that is ready to be sent.
///
/// @param status the status code
/// @param headers the fields in the order in which they are sent, with Content-Type and
///   Content-Length (for HEAD, the length that GET has)
/// @param body the content, empty for HEAD and gRPC; shared between answers, never to be changed
@SuppressWarnings("ArrayRecordComponent") // shared and written out as it is; never compared
public record Page(int status, List<Field> headers, byte[] body) {

  /// One header field.
  public record Field(String name, String value) {}

  public Page {
    headers = List.copyOf(headers);
  }

  /// The value of the first field of this name, in the case in which the page writes it; the empty
  /// string where there is none.
  public String header(String name) {
    for (Field field : headers) {
      if (field.name().equals(name)) {
        return field.value();
      }
    }
    return "";
  }
}
