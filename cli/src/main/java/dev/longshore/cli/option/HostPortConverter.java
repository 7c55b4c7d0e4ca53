package dev.longshore.cli.option;

import java.net.InetSocketAddress;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads {@code HOST:PORT} of something to connect to, where HOST is a DNS name or an IP address. It
 * is not resolved here.
 */
public final class HostPortConverter implements ITypeConverter<InetSocketAddress> {
  private static final String FORM = " is not HOST:PORT, such as operator.example.svc:9443";

  private static final Pattern NAME =
      Pattern.compile(
          "(?=.{1,253}\\.?$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
              + "(\\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\\.?");

  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  @Override
  public InetSocketAddress convert(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1) {
      throw new TypeConversionException("'" + text + "'" + FORM);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
      if (!IPV6.matcher(host).matches()) {
        throw new TypeConversionException("'" + text + "': " + host + " is not an IPv6 address");
      }
    } else if (host.indexOf(':') >= 0) {
      throw new TypeConversionException(
          "'" + text + "': put an IPv6 address in brackets, such as [fd00::1]:9443");
    } else if (!NAME.matcher(host).matches()) {
      throw new TypeConversionException(
          "'" + text + "': " + host + " is neither a DNS name nor an IP address");
    }
    return InetSocketAddress.createUnresolved(host, port(text, text.substring(colon + 1)));
  }

  private static int port(String text, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 1 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw new TypeConversionException("'" + text + "'" + FORM);
    }
    throw new TypeConversionException("'" + text + "': the port must be 1 to 65535");
  }
}
