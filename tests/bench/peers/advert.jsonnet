// The same requests in Jsonnet. It has no templates: the prompts are filled by replacing the names in them.
local rows = import 'products.json';
local shots = import 'prompts.json';
local languages = import 'languages.json';
local mika = ['https://example.com/mika-front.jpg', 'https://example.com/mika-side.jpg'];
local fill(text, p, lang) =
  std.foldl(
    function(done, name) std.strReplace(done, '{{ p.' + name + ' }}', p[name]),
    ['name', 'line', 'colour', 'material'],
    std.strReplace(text, '{{ lang }}', lang)
  );
[
  {
    model: 'skyreels-v4-fast',
    prompt: fill(shot.prompt, p, lang),
    duration: 5,
    resolution: '720p',
    aspect_ratio: '9:16',
    ref_images: [
      { tag: tag, type: 'image', image_urls: if tag == '@Mika' then mika else [p.picture] }
      for tag in shot.tags
    ],
  }
  for p in rows
  for lang in languages
  for shot in shots
]
