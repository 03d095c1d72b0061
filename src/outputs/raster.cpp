// SPDX-License-Identifier: Apache-2.0
// Everything that knows librsvg and cairo. A build without them takes no_raster.cpp in place of this file.
#include <cairo-pdf.h>
#include <cairo.h>
#include <fmt/format.h>
#include <librsvg/rsvg.h>
#include <zlib.h>

#include <cmath>
#include <memory>

#include "attnscope/figures.h"
#include "core/message.h"

namespace attnscope {
namespace {

constexpr double kMmPerInch = 25.4;
constexpr double kPointsPerInch = 72.0;

struct Release {
  void operator()(RsvgHandle* handle) const { g_object_unref(handle); }
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Handle = std::unique_ptr<RsvgHandle, Release>;
using Surface = std::unique_ptr<cairo_surface_t, Release>;
using Context = std::unique_ptr<cairo_t, Release>;

[[noreturn]] void refuse(const std::string& what, const std::string& hint = {}) {
  throw InvalidArgument(problem(ErrorKind::usage, "FIGURE", "svg").found("{}", what).hint("{}", hint));
}

std::string words_of(GError* error) {
  std::string words = error == nullptr ? "unknown error" : error->message;
  g_clear_error(&error);
  return words;
}

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    refuse(fmt::format("cannot be drawn: {}", cairo_status_to_string(status)));
}

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

void draw(const std::string& svg, cairo_surface_t* surface, double width, double height) {
  GError* error = nullptr;
  // No base: what the SVG might name is not loaded.
  const Handle handle(
      rsvg_handle_new_from_data(reinterpret_cast<const guint8*>(svg.data()), svg.size(), &error));
  if (!handle) refuse("is no SVG: " + words_of(error));
  const Context context(cairo_create(surface));
  const RsvgRectangle page{0, 0, width, height};
  if (rsvg_handle_render_document(handle.get(), context.get(), &page, &error) == 0)
    refuse("cannot be drawn: " + words_of(error));
  check(cairo_status(context.get()));
}

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 0xFFU);
  return bytes;
}

/// PNG's chunk pHYs, behind the header: programs then know the size in millimetres. cairo writes none.
std::string with_resolution(const std::string& png, double dpi) {
  constexpr std::size_t kHeaderEnd = 33;  // signature and IHDR
  constexpr double kInchesPerMetre = 1000.0 / kMmPerInch;
  const std::string number = big_endian(static_cast<std::uint32_t>(std::lround(dpi * kInchesPerMetre)));
  const std::string chunk = "pHYs" + number + number + '\x01';
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(chunk.data()), static_cast<uInt>(chunk.size()));
  return png.substr(0, kHeaderEnd) + big_endian(static_cast<std::uint32_t>(chunk.size() - 4)) + chunk +
         big_endian(static_cast<std::uint32_t>(sum)) + png.substr(kHeaderEnd);
}

}  // namespace

bool can_render_figures() { return true; }

std::string render_png(const std::string& svg, double dpi) {
  constexpr double kMostPixels = 30'000;
  const FigureSize size = figure_size(svg);
  const double width = std::round(size.width_mm / kMmPerInch * dpi);
  const double height = std::round(size.height_mm / kMmPerInch * dpi);
  if (!(width >= 1 && height >= 1 && width <= kMostPixels && height <= kMostPixels))
    refuse(fmt::format("{:.0f} x {:.0f} pixels at {} dpi, expected 1 to {:.0f} a side", width, height, dpi,
                       kMostPixels),
           "choose another resolution or size");
  const Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
  check(cairo_surface_status(surface.get()));
  draw(svg, surface.get(), width, height);
  std::string png;
  check(cairo_surface_write_to_png_stream(surface.get(), append, &png));
  return with_resolution(png, dpi);
}

std::string render_pdf(const std::string& svg) {
  const FigureSize size = figure_size(svg);
  const double width = size.width_mm / kMmPerInch * kPointsPerInch;
  const double height = size.height_mm / kMmPerInch * kPointsPerInch;
  std::string pdf;
  const Surface surface(cairo_pdf_surface_create_for_stream(append, &pdf, width, height));
  check(cairo_surface_status(surface.get()));
  // No clock: the same figure gives the same bytes.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "1980-01-01T00:00:00Z");
  draw(svg, surface.get(), width, height);
  cairo_surface_finish(surface.get());
  check(cairo_surface_status(surface.get()));
  return pdf;
}

}  // namespace attnscope
