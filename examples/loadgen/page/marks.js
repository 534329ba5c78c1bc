// What is drawn into a plot besides its series: shaded spans of time, and lines with words.

// Over whatever lies below, with a rim in the colour of the card.
const legible = (ctx, text, x, y) => {
  ctx.save();
  ctx.setLineDash([]);
  ctx.lineWidth = 4;
  ctx.lineJoin = "round";
  ctx.strokeStyle = theme.colour("card");
  ctx.strokeText(text, x, y);
  ctx.restore();
  ctx.fillText(text, x, y);
};

// Upright where the span is too narrow for the words, and left out where even that is too wide.
const nameBand = (ctx, label, left, width, bottom) => {
  const upright = ctx.measureText(label).width + 10 > width;
  if (upright && width < 14) return;
  ctx.save();
  ctx.translate(upright ? left + width / 2 : left + 5, bottom - 6);
  if (upright) ctx.rotate(-Math.PI / 2);
  ctx.textBaseline = upright ? "middle" : "bottom";
  ctx.fillText(label, 0, 0);
  ctx.restore();
};

const marks = {
  id: "marks",

  beforeDatasetsDraw(chart, _arguments, { bands = [] }) {
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    for (const { from, to, label } of bands) {
      const left = Math.max(chartArea.left, scales.x.getPixelForValue(from));
      const right = Math.min(chartArea.right, scales.x.getPixelForValue(to));
      if (right <= left) continue;
      ctx.fillStyle = theme.colour("shade");
      ctx.fillRect(left, chartArea.top, right - left, chartArea.height);
      ctx.fillStyle = theme.colour("muted");
      ctx.font = `11px ${Chart.defaults.font.family}`;
      ctx.textAlign = "left";
      nameBand(ctx, label, left, right - left, chartArea.bottom);
    }
    ctx.restore();
  },

  afterDatasetsDraw(chart, _arguments, { lines = [] }) {
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    ctx.lineWidth = 1;
    ctx.setLineDash([4, 4]);
    ctx.font = `600 11px ${Chart.defaults.font.family}`;
    for (const { x, y, label, colour } of lines) {
      ctx.strokeStyle = ctx.fillStyle = theme.colour(colour);
      ctx.beginPath();
      if (isNumber(x)) {
        const at = scales.x.getPixelForValue(x);
        if (at < chartArea.left - 1 || at > chartArea.right + 1) continue;
        ctx.moveTo(at, chartArea.top);
        ctx.lineTo(at, chartArea.bottom);
        const fits = at + ctx.measureText(label).width + 8 < chartArea.right;
        ctx.textAlign = fits ? "left" : "right";
        ctx.textBaseline = "top";
        legible(ctx, label, at + (fits ? 5 : -5), chartArea.top + 2);
      } else {
        const at = scales.y.getPixelForValue(y);
        if (at < chartArea.top - 1 || at > chartArea.bottom + 1) continue;
        ctx.moveTo(chartArea.left, at);
        ctx.lineTo(chartArea.right, at);
        const above = at - 16 > chartArea.top;
        ctx.textAlign = "left";
        ctx.textBaseline = above ? "bottom" : "top";
        legible(ctx, label, chartArea.left + 6, at + (above ? -3 : 4));
      }
      ctx.stroke();
    }
    ctx.restore();
  },
};
