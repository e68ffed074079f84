package io.whygate.gateway.connection;

/// What a connection belongs to. Called on the event loop of the connection.
public interface ConnectionOwner {
  /// The connection can carry another exchange: one is over, or the server allows more.
  void released(UpstreamConnection connection);

  /// The server did not say in time that it is there, and no exchange is left to be told.
  default void unanswered(UpstreamConnection connection) {}

  /// The connection is closed; called once.
  ///
  /// @param whileIdle whether it carried no exchange
  /// @param byPeer whether the server closed it
  void closed(UpstreamConnection connection, boolean whileIdle, boolean byPeer);
}
